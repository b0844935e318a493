package host

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// FindDump returns the file that a process is writing a snapshot of its heap or a profile
// into, "" for none. Node opens it before it begins, and blocks the event loop until it is
// done (src/heap_utils.cc, WriteSnapshot).
func FindDump(pid int) string {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		file, err := os.Readlink(filepath.Join(dir, e.Name()))
		if err == nil && slices.Contains([]string{".heapsnapshot", ".heapprofile", ".cpuprofile"}, strings.ToLower(filepath.Ext(file))) {
			return file
		}
	}
	return ""
}
