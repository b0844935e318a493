package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Proc is one process as /proc/PID/stat tells it.
type Proc struct {
	PID   int
	PPID  int
	Comm  string // at most 15 bytes, or the title's start
	State byte   // R, S, D, T, t, Z, X, I
	Nice  int    // 0 is usual, 19 the least urgent
	// Policy is how the kernel schedules it: 0 (SCHED_OTHER) is usual, 3 is batch, 5 idle.
	Policy int
	Ticks  int // user and system CPU time used so far, in clock ticks (100 a second)
	// Reaped is the CPU time of its children that have ended and that it has waited for, and of
	// theirs, in clock ticks.
	Reaped int
	Start  uint64 // start time, in clock ticks since the kernel booted
	RSS    int64  // resident memory, bytes
}

// ErrNoProcess: the process does not exist any more.
var ErrNoProcess = errors.New("no such process")

// Stat reads one process. The error is ErrNoProcess when it is gone.
func Stat(pid int) (Proc, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Proc{}, wrapReadError(pid, err)
	}
	return parseStat(b)
}

func wrapReadError(pid int, err error) error {
	// A process that ends between open and read gives ESRCH.
	if errors.Is(err, fs.ErrNotExist) || strings.HasSuffix(err.Error(), "no such process") {
		err = ErrNoProcess
	}
	return fmt.Errorf("cannot read process %d: %w", pid, err)
}

// parseStat reads /proc/PID/stat (proc(5)). The second field is the name in
// parentheses and may itself hold spaces and parentheses, so fields are counted
// from the last one that closes.
func parseStat(b []byte) (Proc, error) {
	open, shut := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 0 || shut < open {
		return Proc{}, fmt.Errorf("cannot read process line %.80q: no name in it", b)
	}
	f := strings.Fields(string(b[shut+1:]))
	if len(f) < 22 || len(f[0]) != 1 {
		return Proc{}, fmt.Errorf("cannot read process line %.80q: %d fields", b, len(f))
	}
	p := Proc{Comm: string(b[open+1 : shut]), State: f[0][0]}
	var err error
	number := func(s string) int64 {
		n, e := strconv.ParseInt(s, 10, 64)
		err = errors.Join(err, e)
		return n
	}
	p.PID = int(number(strings.TrimSpace(string(b[:open]))))
	p.PPID = int(number(f[1]))
	p.Ticks = int(number(f[11]) + number(f[12]))
	p.Nice = int(number(f[16]))
	if len(f) > 38 { // Linux 2.5.19
		p.Policy = int(number(f[38]))
	}
	p.Reaped = int(number(f[13]) + number(f[14]))
	p.Start = uint64(number(f[19]))
	p.RSS = number(f[21]) * int64(os.Getpagesize())
	if err != nil {
		return Proc{}, fmt.Errorf("cannot read process line %.80q: %w", b, err)
	}
	return p, nil
}

// userHz is how many clock ticks of /proc a second has (USER_HZ), on every architecture.
const userHz = 100

// Age is how long the process has run. It does not depend on the wall clock, which may be set.
func (p Proc) Age() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(bootClock, &ts) // it cannot fail, as in Now
	return time.Duration(ts.Nano()) - time.Duration(p.Start)*time.Second/userHz
}

// Alive reports whether the process runs; a zombie does not.
func Alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	p, err := Stat(pid)
	return err == nil && p.State != 'Z' && p.State != 'X'
}

// Children lists the processes whose parent is pid, in no order.
func Children(pid int) ([]int, error) {
	// Kernels built with CONFIG_PROC_CHILDREN list them per thread; a worker may
	// have been forked by any thread, though Node forks from the main one.
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err == nil {
		return parseInts(string(b))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, wrapReadError(pid, err)
	}
	if _, err := Stat(pid); err != nil {
		return nil, err
	}
	return scanChildren(pid)
}

func scanChildren(ppid int) ([]int, error) {
	pids, err := listAll()
	if err != nil {
		return nil, err
	}
	var out []int
	for _, pid := range pids {
		if p, err := Stat(pid); err == nil && p.PPID == ppid {
			out = append(out, pid)
		}
	}
	return out, nil
}

// listAll returns every process of this pid namespace.
func listAll() ([]int, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("cannot list processes: %w", err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("cannot list processes: %w", err)
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

func parseInts(s string) ([]int, error) {
	var out []int
	for _, f := range strings.Fields(s) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil, fmt.Errorf("cannot read a list of processes: %w", err)
		}
		out = append(out, n)
	}
	return out, nil
}

// Cmdline is the process's command line with spaces between its words, or the
// title that the program has set in its place.
func Cmdline(pid int) (string, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return "", wrapReadError(pid, err)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(b), "\x00", " ")), nil
}

// SignalMasks are the signals the process ignores and catches, bit N-1 for
// signal N (SigIgn and SigCgt of proc(5)).
func SignalMasks(pid int) (ignored, caught uint64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, wrapReadError(pid, err)
	}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		var to *uint64
		switch name {
		case "SigIgn":
			to = &ignored
		case "SigCgt":
			to = &caught
		default:
			continue
		}
		if *to, err = strconv.ParseUint(strings.TrimSpace(value), 16, 64); err != nil {
			return 0, 0, fmt.Errorf("cannot read the signals of process %d: %w", pid, err)
		}
	}
	return ignored, caught, nil
}
