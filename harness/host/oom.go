package host

import (
	"fmt"
	"os"
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
