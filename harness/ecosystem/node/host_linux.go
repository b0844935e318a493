package node

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// newNamespaces returns the attributes of a process in namespaces of its own, which Linux
// alone has: of users, so that nobody needs to be root for the others; of networks, of
// which a new one has not even a loopback that is up; and of processes, which all end
// with their first. On another system the process has none, and Node's permission model
// and evaluate.js bound the file.
func newNamespaces() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Pdeathsig:   syscall.SIGKILL,
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
	}
}

// newOutside returns the attributes of a process without namespaces of its own, which on
// Linux ends with its parent.
func newOutside() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// limitProcess has the kernel of Linux limit a process: its time on the processor, its
// memory, and the files that it writes. It is too late for what Node does before it has
// read the file, and that is no harm. On another system no process can limit another one:
// Run's own bounds of time and output hold.
func limitProcess(pid int) {
	for resource, most := range map[int]uint64{unix.RLIMIT_CPU: uint64(Within.Seconds()) + 1, unix.RLIMIT_DATA: 2 * Memory, unix.RLIMIT_FSIZE: MostOutput, unix.RLIMIT_CORE: 0} {
		_ = unix.Prlimit(pid, resource, &unix.Rlimit{Cur: most, Max: most}, nil) // it may have ended
	}
}
