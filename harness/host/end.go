package host

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// End is how a process ended.
type End struct {
	At     time.Duration // when the kernel ended it, CLOCK_MONOTONIC
	Known  bool          // whether the kernel tells how: Linux 6.15 and later do
	Code   int           // the exit code, if no signal ended it
	Signal string        // the signal that ended it, e.g. SIGTERM; "" for none
}

// reapedWithin is how long the parent may take to collect the status of its child: the
// kernel tells of it only from then on.
const reapedWithin = 200 * time.Millisecond

// Ended returns a channel that says once how the process ended, and closes; when ctx is
// done it closes with nothing said. A process that is already gone is ErrNoProcess.
func Ended(ctx context.Context, pid int) (<-chan End, error) {
	w, err := watch(ctx, pid)
	if err != nil {
		return nil, err
	}
	said := make(chan End, 1)
	go func() {
		defer close(said)
		defer w.close()
		if !w.wait() {
			return
		}
		end := End{At: Now()}
		w.readEnd(&end)
		said <- end
	}()
	return said, nil
}

// readEnd asks the kernel how the process ended, once its parent has collected it.
func (w watched) readEnd(end *End) {
	reaped := []unix.PollFd{{Fd: int32(w.fd)}} // no events are asked for: POLLHUP always is
	for deadline := time.Now().Add(reapedWithin); reaped[0].Revents&unix.POLLHUP == 0; {
		left := time.Until(deadline)
		if left <= 0 {
			return
		}
		if _, err := unix.Poll(reaped, int(left.Milliseconds())+1); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
	}
	status, known := readStatus(w.fd)
	if !known {
		return // an older kernel does not know
	}
	end.Known = status.Exited() || status.Signaled()
	switch {
	case status.Exited():
		end.Code = status.ExitStatus()
	case status.Signaled():
		end.Signal = unix.SignalName(status.Signal())
	}
}

// watched is a process that is waited for.
type watched struct {
	fd     int      // its pidfd
	wake   *os.File // readable when nobody waits any more
	cancel func()
}

func (w watched) close() {
	w.cancel()
	_ = unix.Close(w.fd)
	_ = w.wake.Close()
}

// wait returns when the process has ended, with true, or when nobody waits any more.
func (w watched) wait() bool {
	poll := []unix.PollFd{{Fd: int32(w.fd), Events: unix.POLLIN}, {Fd: int32(w.wake.Fd()), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(poll, -1); !errors.Is(err, unix.EINTR) {
			return poll[0].Revents != 0
		}
	}
}
