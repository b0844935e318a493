package host

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Exited returns a channel that closes the instant the kernel has ended the
// process (pidfd, Linux 5.3), or when ctx is done. A process that is already
// gone is ErrNoProcess.
func Exited(ctx context.Context, pid int) (<-chan struct{}, error) {
	w, err := watch(ctx, pid)
	if err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer w.close()
		w.wait()
	}()
	return done, nil
}

// watch opens a pidfd of the process, and a pipe that wakes whoever waits when ctx is
// done.
func watch(ctx context.Context, pid int) (watched, error) {
	fd, err := openPidfd(pid)
	if err != nil {
		if errors.Is(err, unix.ESRCH) {
			err = ErrNoProcess
		}
		return watched{}, fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	wake, stop, err := os.Pipe()
	if err != nil {
		return watched{}, errors.Join(fmt.Errorf("cannot watch process %d: %w", pid, err), unix.Close(fd))
	}
	cancel := context.AfterFunc(ctx, func() { stop.Close() })
	return watched{fd: fd, wake: wake, cancel: func() {
		if cancel() {
			stop.Close()
		}
	}}, nil
}
