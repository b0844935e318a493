package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Strangers names those who can reach the loopback addresses of process pid's
// network namespace and are neither root nor the user of pid: processes of other
// users, and TCP sockets of other users whose process may be in another pid
// namespace. A process whose network namespace may not be looked at counts as one
// of them. Nil: nobody that can be seen.
//
// The error says why it cannot be told: /proc hides processes (hidepid), or pid is
// in another network namespace than the caller.
//
// What cannot be seen is a process that was put into this network namespace only,
// from a pid namespace beside this one, and that holds no TCP socket yet.
func Strangers(pid int) ([]string, error) {
	if err := checkProcMount("/proc/self/mountinfo"); err != nil {
		return nil, err
	}
	ours, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return nil, fmt.Errorf("cannot see this network namespace: %w", err)
	}
	theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return nil, fmt.Errorf("cannot see the network namespace of process %d: %w", pid, err)
	}
	if ours != theirs {
		return nil, fmt.Errorf("process %d is in another network namespace", pid)
	}
	users, err := readUsers(pid)
	if err != nil {
		return nil, err
	}
	known := append(users, 0)
	who, err := listStrange(known, ours)
	if err != nil {
		return nil, err
	}
	socks, err := dump(^uint32(0), func(s Socket) bool { return s.Inode != 0 && !slices.Contains(known, s.UID) })
	for _, s := range socks {
		who = append(who, fmt.Sprintf("the owner of a TCP socket on port %d (uid %d)", s.Local.Port(), s.UID))
	}
	return who, err
}

// listStrange returns the processes of users that are not known, without those that are
// seen to be in another network namespace.
func listStrange(known []int, ours string) ([]string, error) {
	pids, err := listAll()
	if err != nil {
		return nil, err
	}
	var who []string
	for _, pid := range pids {
		users, err := readUsers(pid)
		if errors.Is(err, ErrNoProcess) {
			continue
		}
		if err != nil {
			return nil, err
		}
		strange := slices.IndexFunc(users, func(u int) bool { return !slices.Contains(known, u) })
		if strange < 0 {
			continue
		}
		if theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid)); err == nil && theirs != ours || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		who = append(who, fmt.Sprintf("process %d (uid %d)", pid, users[strange]))
	}
	return who, nil
}

// readUsers reads the user ids of a process: real, effective, saved and that of the file
// system (proc(5), status).
func readUsers(pid int) ([]int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return nil, wrapReadError(pid, err)
	}
	for line := range strings.Lines(string(b)) {
		rest, ok := strings.CutPrefix(line, "Uid:")
		if !ok {
			continue
		}
		var users []int
		for _, f := range strings.Fields(rest) {
			u, err := strconv.Atoi(f)
			if err != nil {
				return nil, fmt.Errorf("cannot read the users of process %d: %w", pid, err)
			}
			users = append(users, u)
		}
		return users, nil
	}
	return nil, fmt.Errorf("cannot read the users of process %d: its status has none", pid)
}

// checkProcMount returns an error where /proc is mounted so that it hides the processes
// of other users. file is /proc/self/mountinfo (proc(5)): the fifth field is where
// something is mounted, the last its own options.
func checkProcMount(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("cannot see how /proc is mounted: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 6 || f[4] != "/proc" {
			continue
		}
		for _, option := range strings.Split(f[len(f)-1], ",") {
			if value, ok := strings.CutPrefix(option, "hidepid="); ok && value != "0" && value != "off" {
				return fmt.Errorf("/proc hides processes of other users (%s)", option)
			}
		}
	}
	return nil
}
