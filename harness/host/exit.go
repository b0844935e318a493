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
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		if errors.Is(err, unix.ESRCH) {
			err = ErrNoProcess
		}
		return nil, fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	wake, stop, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot watch process %d: %w", pid, err), unix.Close(fd))
	}
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() { stop.Close() })
	go func() {
		defer close(done)
		defer unix.Close(fd)
		defer wake.Close()
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(wake.Fd()), Events: unix.POLLIN}}
		for {
			if _, err := unix.Poll(poll, -1); !errors.Is(err, unix.EINTR) {
				break
			}
		}
		if cancel() {
			stop.Close()
		}
	}()
	return done, nil
}
