package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// OOMKills returns how many processes of the machine, in containers too, the kernel has killed
// for want of memory since it started: oom_kill of /proc/vmstat (since Linux 4.13).
func OOMKills() (int, error) {
	text, err := os.ReadFile("/proc/vmstat")
	if err != nil {
		return 0, fmt.Errorf("cannot count the kernel's kills: %w", err)
	}
	return parseOOMKills(string(text))
}

// parseOOMKills reads /proc/vmstat, a name and a number a line.
func parseOOMKills(text string) (int, error) {
	for line := range strings.Lines(text) {
		if n, ok := strings.CutPrefix(line, "oom_kill "); ok {
			return strconv.Atoi(strings.TrimSpace(n))
		}
	}
	return 0, fmt.Errorf("cannot count the kernel's kills: /proc/vmstat has no oom_kill")
}

// CgroupOOMKills returns how many processes of a control group the kernel has killed for want of
// memory so far: oom_kill of memory.oom_control in version 1, of memory.events in version 2. root is
// where a process of the group has the groups mounted, with its own as the first. What cannot be
// read is 0.
func CgroupOOMKills(root string) int {
	return int(max(readField(filepath.Join(root, "memory"), "memory.oom_control", "oom_kill "), readField(root, "memory.events", "oom_kill ")))
}
