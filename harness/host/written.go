package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Written returns how many bytes a process has written since its start, to files, pipes and
// sockets, with those of its children that have ended and that it has waited for (wchar of
// /proc/PID/io). It is 0 where that cannot be read.
func Written(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if n, ok := strings.CutPrefix(line, "wchar: "); ok {
			written, _ := strconv.ParseInt(strings.TrimSpace(n), 10, 64) // the kernel's own number
			return written
		}
	}
	return 0
}
