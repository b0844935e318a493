package host

import (
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// bootClock counts since the kernel booted, as start times in /proc do, and is never set.
const bootClock = unix.CLOCK_BOOTTIME

// socketDiag is the netlink family that sock_diag(7) answers on.
const socketDiag = unix.NETLINK_INET_DIAG

// sockDiagByFamily is the type of a request to it.
const sockDiagByFamily = netlink.HeaderType(unix.SOCK_DIAG_BY_FAMILY)

// openPidfd returns a pidfd of the process (Linux 5.3).
func openPidfd(pid int) (int, error) { return unix.PidfdOpen(pid, 0) }

// signalPidfd signals the process of a pidfd; 0 only asks whether it is there.
func signalPidfd(fd int, signal unix.Signal) error {
	return unix.PidfdSendSignal(fd, signal, nil, 0)
}

// readStatus asks the kernel how the process of a pidfd ended; false where it does not know.
func readStatus(fd int) (unix.WaitStatus, bool) {
	info := unix.PidfdInfo{Mask: unix.PIDFD_INFO_EXIT}
	if err := unix.IoctlPidfdInfo(fd, &info); err != nil || info.Mask&unix.PIDFD_INFO_EXIT == 0 {
		return 0, false
	}
	return unix.WaitStatus(info.Exit_code), true
}

// openUnlinked opens a path none of whose parts may be a symbolic link. It is ENOSYS or
// EPERM before Linux 5.6, and where a filter refuses the call.
func openUnlinked(path string, flags int) (int, error) {
	how := unix.OpenHow{Flags: uint64(flags), Resolve: unix.RESOLVE_NO_SYMLINKS}
	return retry(func() (int, error) { return unix.Openat2(unix.AT_FDCWD, path, &how) })
}

// Peer is the process at the other end of a Unix socket and its user, as the kernel saw them
// when it connected or listened. The pid is 0 when it is in another pid namespace.
func Peer(fd int) (pid, uid int, err error) {
	who, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, 0, err
	}
	return int(who.Pid), int(who.Uid), nil
}
