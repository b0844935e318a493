package host

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Handle holds one process by pidfd (Linux 5.3). Once a process has ended the kernel gives
// its pid to another one, but never its pidfd: a signal through the handle reaches the
// process that was opened or nobody.
//
// Where the kernel or a seccomp filter refuses pidfds, the start time takes their place: it
// is compared immediately before the signal, which leaves a gap of microseconds.
type Handle struct {
	Proc     // as it was when it was opened
	UID  int // effective user id
	fd   int // -1 without pidfds
}

// Open opens a process. The error wraps ErrNoProcess when it is gone.
func Open(pid int) (*Handle, error) {
	fd, err := openPidfd(pid)
	switch {
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM):
		fd = -1
	case errors.Is(err, unix.ESRCH):
		return nil, fmt.Errorf("cannot open process %d: %w", pid, ErrNoProcess)
	case err != nil:
		return nil, fmt.Errorf("cannot open process %d: %w", pid, err)
	}
	h := &Handle{fd: fd}
	if h.Proc, err = Stat(pid); err == nil {
		h.UID, err = UID(pid)
	}
	// The pid has not changed hands since the pidfd was opened if the process of the pidfd
	// still lives, so what was read is of that process.
	if err == nil {
		err = h.check()
	}
	if err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// Close releases the handle.
func (h *Handle) Close() {
	if h.fd >= 0 {
		_ = unix.Close(h.fd) // there is nothing to lose
	}
}

// check reports ErrNoProcess once the process has been collected.
func (h *Handle) check() error {
	if h.fd >= 0 {
		if err := signalPidfd(h.fd, 0); errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("cannot open process %d: %w", h.PID, ErrNoProcess)
		}
		return nil // also where the process may not be signalled: it lives
	}
	now, err := Stat(h.PID)
	if err == nil && now.Start != h.Start {
		err = fmt.Errorf("cannot open process %d: %w: another one has its pid", h.PID, ErrNoProcess)
	}
	return err
}

// Signal sends a signal to the process that was opened. The error wraps ErrNoProcess when
// it is gone.
func (h *Handle) Signal(signal unix.Signal) error {
	err := h.check()
	if err == nil {
		if h.fd >= 0 {
			err = signalPidfd(h.fd, signal)
		} else {
			err = unix.Kill(h.PID, signal)
		}
	}
	if errors.Is(err, unix.ESRCH) {
		err = ErrNoProcess
	}
	if err != nil {
		return fmt.Errorf("cannot signal process %d: %w", h.PID, err)
	}
	return nil
}

// ErrStranger: a process is not the one it is said to be.
var ErrStranger = errors.New("it is another's process")

// BelongsTo makes sure that the process is a descendant of root and runs as root's user,
// or as any user where root's is 0: a daemon of the superuser may give its children to
// others. The error wraps ErrStranger.
func (h *Handle) BelongsTo(root int) error {
	uid, err := UID(root)
	if err != nil {
		return err
	}
	if uid != h.UID && uid != 0 {
		return fmt.Errorf("%w: process %d runs as user %d, process %d as user %d", ErrStranger, h.PID, h.UID, root, uid)
	}
	if h.PID == root || !Descends(h.PID, root) {
		return fmt.Errorf("%w: process %d does not descend from process %d", ErrStranger, h.PID, root)
	}
	return h.check()
}

// maxDepth bounds the walk up a process tree.
const maxDepth = 32

// Descends reports whether a process is root or a descendant of it. A process whose parent
// has ended descends from no one but init.
func Descends(pid, root int) bool {
	for range maxDepth {
		if pid == root {
			return true
		}
		p, err := Stat(pid)
		if err != nil || p.PPID <= 1 {
			return p.PPID == root && err == nil
		}
		pid = p.PPID
	}
	return false
}

// UID is the effective user id of a process.
func UID(pid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, wrapReadError(pid, err)
	}
	for line := range strings.Lines(string(b)) {
		// Uid: real, effective, saved, of the file system (proc(5))
		if f := strings.Fields(line); len(f) > 2 && f[0] == "Uid:" {
			uid, err := strconv.Atoi(f[2])
			if err != nil {
				return 0, fmt.Errorf("cannot read the user of process %d: %w", pid, err)
			}
			return uid, nil
		}
	}
	return 0, fmt.Errorf("cannot read the user of process %d: its status names none", pid)
}
