package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// OpenFiles returns how many descriptors a process has open, and how many it may have
// (RLIMIT_NOFILE, soft). Both are 0 where they cannot be read.
func OpenFiles(pid int) (used, most int) {
	dir, err := os.Open(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return 0, 0
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return 0, 0
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		return 0, 0
	}
	if most = parseOpenFiles(string(text)); most == 0 {
		return 0, 0
	}
	return len(names), most
}

// parseOpenFiles reads the soft limit of "Max open files" in /proc/PID/limits, 0 without one.
func parseOpenFiles(text string) int {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "Max open files"); ok {
			if f := strings.Fields(rest); len(f) > 0 {
				n, _ := strconv.Atoi(f[0]) // "unlimited" is no number
				return n
			}
		}
	}
	return 0
}
