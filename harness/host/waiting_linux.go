package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// calls are the system calls in which a process may wait for long; the value says whether the
// first argument is a file descriptor.
var calls = map[int64]struct {
	name string
	file bool
}{
	unix.SYS_READ: {"read", true}, unix.SYS_WRITE: {"write", true}, unix.SYS_PREAD64: {"pread64", true}, unix.SYS_PWRITE64: {"pwrite64", true},
	unix.SYS_READV: {"readv", true}, unix.SYS_WRITEV: {"writev", true}, unix.SYS_FSYNC: {"fsync", true}, unix.SYS_FDATASYNC: {"fdatasync", true},
	unix.SYS_FLOCK: {"flock", true}, unix.SYS_FCNTL: {"fcntl", true}, unix.SYS_CONNECT: {"connect", true}, unix.SYS_ACCEPT4: {"accept4", true},
	unix.SYS_RECVFROM: {"recvfrom", true}, unix.SYS_RECVMSG: {"recvmsg", true}, unix.SYS_SENDTO: {"sendto", true}, unix.SYS_GETDENTS64: {"getdents64", true},
	unix.SYS_OPENAT: {"openat", false}, unix.SYS_FUTEX: {"futex", false}, unix.SYS_EPOLL_PWAIT: {"epoll_pwait", false}, unix.SYS_PPOLL: {"ppoll", false},
	unix.SYS_WAIT4: {"wait4", false}, unix.SYS_WAITID: {"waitid", false}, unix.SYS_NANOSLEEP: {"nanosleep", false}, unix.SYS_CLOCK_NANOSLEEP: {"clock_nanosleep", false},
}

// Waiting says what the main thread of a process waits for: the system call, the file of its
// descriptor, and child processes, which a synchronous call of Node's child_process waits
// for. It returns "" where the process runs, or the kernel does not tell (proc(5),
// /proc/pid/syscall, needs the right to trace the process).
func Waiting(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", pid))
	f := strings.Fields(string(text))
	if err != nil || len(f) < 2 || f[0] == "running" {
		return ""
	}
	number, err := strconv.ParseInt(f[0], 10, 64)
	if err != nil || number < 0 {
		return ""
	}
	call, known := calls[number]
	said := fmt.Sprintf("it waits in the system call %d", number)
	if known {
		said = "it waits in " + call.name
	}
	if fd, err := strconv.ParseUint(f[1], 0, 64); err == nil && call.file {
		if file, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd)); err == nil {
			said += " of " + file
		}
	}
	return said + describeChildren(pid)
}

// describeChildren names the child processes, "" for none.
func describeChildren(pid int) string {
	kids, err := Children(pid)
	if err != nil || len(kids) == 0 {
		return ""
	}
	var names []string
	for _, kid := range kids {
		name, _ := Cmdline(kid) // without it, the pid must do
		name, _, _ = strings.Cut(name, " ")
		names = append(names, fmt.Sprintf("%d (%s)", kid, name))
	}
	return ", and has the child processes " + strings.Join(names, ", ")
}
