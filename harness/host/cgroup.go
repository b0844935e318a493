package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// RunDelay returns how long the main thread of a process, which runs Node's event loop, has been
// ready and has waited for a core since it started: the second number of /proc/PID/schedstat.
func RunDelay(pid int) (time.Duration, error) {
	t, err := readSchedstat(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err != nil {
		return 0, fmt.Errorf("cannot read how long pid %d has waited: %w", pid, err)
	}
	return t.Waited, nil
}

// Thread is what a thread has had of the processors since it started.
type Thread struct {
	Ran    time.Duration // on a core
	Waited time.Duration // ready, and no core was free
}

// Threads returns those of a process, by their ids. One that ends meanwhile is left out.
func Threads(pid int) map[int]Thread {
	dir := fmt.Sprintf("/proc/%d/task", pid)
	entries, _ := os.ReadDir(dir) // a process that is gone has none
	all := map[int]Thread{}
	for _, e := range entries {
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if t, err := readSchedstat(filepath.Join(dir, e.Name(), "schedstat")); err == nil {
			all[tid] = t
		}
	}
	return all
}

// readSchedstat reads the first two numbers of a schedstat file, nanoseconds
// (Documentation/scheduler/sched-stats.rst of Linux).
func readSchedstat(path string) (Thread, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Thread{}, err
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return Thread{}, fmt.Errorf("schedstat has %d numbers", len(fields))
	}
	ran, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return Thread{}, err
	}
	waited, err := strconv.ParseInt(fields[1], 10, 64)
	return Thread{time.Duration(ran), time.Duration(waited)}, err
}

// CPUPressure returns the share of the last 10 s, in per cent, in which something on this host
// waited for a core (/proc/pressure/cpu, since Linux 4.20).
func CPUPressure() (float64, error) {
	text, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return 0, fmt.Errorf("cannot read the pressure on this host's cores: %w", err)
	}
	return parsePressure(string(text))
}

// parsePressure reads the line "some avg10=1.23 ...".
func parsePressure(text string) (float64, error) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "some avg10="); ok {
			share, _, _ := strings.Cut(rest, " ")
			return strconv.ParseFloat(strings.TrimSpace(share), 64)
		}
	}
	return 0, fmt.Errorf("cannot read the pressure on this host's cores: there is no line of some")
}

// Cgroup is what the control groups of a process allow it, and what they have used.
type Cgroup struct {
	Periods   int   `json:"periods,omitempty"`   // of the quota of CPU time, so far; 0 without one
	Throttled int   `json:"throttled,omitempty"` // of them, those in which the quota ran out
	Memory    int64 `json:"memory,omitempty"`    // in use, without cached files that can be dropped, bytes
	Limit     int64 `json:"limit,omitempty"`     // of it; 0 without one
}

// ReadCgroup returns the nearest quota and the nearest limit of memory that hold for a process,
// of version 1 and 2. What cannot be read is 0.
func ReadCgroup(pid int) Cgroup {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return Cgroup{}
	}
	return readCgroup("/sys/fs/cgroup", string(text))
}

// unlimited is above all limits: version 1 has the largest page count where there is none.
const unlimited = 1 << 60

func readCgroup(root, memberships string) Cgroup {
	var out Cgroup
	for line := range strings.Lines(memberships) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for path := parts[2]; ; path = filepath.Dir(path) {
			switch {
			case parts[1] == "":
				out.readCPU(filepath.Join(root, path))
				out.readMemory(filepath.Join(root, path), "memory.max", "memory.current", "inactive_file ")
			case parts[1] == "memory":
				out.readMemory(filepath.Join(root, "memory", path), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ")
			case strings.Contains(parts[1], "cpu"):
				out.readCPU(filepath.Join(root, parts[1], path))
			}
			if path == "/" || path == "." || path == "" {
				break
			}
		}
	}
	return out
}

// readCPU takes in cpu.stat of a group, if it has a quota and no nearer one had.
func (c *Cgroup) readCPU(group string) {
	if c.Periods == 0 {
		c.Periods, c.Throttled = int(readField(group, "cpu.stat", "nr_periods ")), int(readField(group, "cpu.stat", "nr_throttled "))
	}
}

// readMemory takes in the memory of a group, if it has a limit and no nearer one had.
func (c *Cgroup) readMemory(group, limit, used, cached string) {
	if most := readField(group, limit, ""); c.Limit == 0 && most > 0 && most < unlimited {
		c.Limit = most
		c.Memory = max(0, readField(group, used, "")-readField(group, "memory.stat", cached))
	}
}

// readField returns the number behind a name in a file of a group, 0 where there is none.
func readField(group, file, name string) int64 {
	text, err := os.ReadFile(filepath.Join(group, file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(rest), 10, 64) // "max" has no number
			return n
		}
	}
	return 0
}
