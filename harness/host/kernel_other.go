//go:build !linux

package host

import (
	"golang.org/x/sys/unix"
)

// Other kernels have no sock_diag(7): the dial of netlink fails and says so.
const (
	socketDiag       = 0
	sockDiagByFamily = 0
)

// bootClock is the nearest that there is.
const bootClock = unix.CLOCK_MONOTONIC

// Waiting is not known without Linux's proc(5).
func Waiting(int) string { return "" }

func openPidfd(int) (int, error) { return -1, unix.ENOSYS }

func signalPidfd(int, unix.Signal) error { return unix.ENOSYS }

func readStatus(int) (unix.WaitStatus, bool) { return 0, false }

func openUnlinked(string, int) (int, error) { return -1, unix.ENOSYS }

// Peer is not known without Linux's SO_PEERCRED.
func Peer(int) (pid, uid int, err error) { return 0, 0, unix.ENOSYS }
