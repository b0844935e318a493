package drain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// leave empties a worker by having it leave the rotation.
//
// One connection of our own, the anchor, stays in the worker until it has been
// replaced (Result.Release). It keeps the worker's close from completing. Without it a
// worker that is empty closes before the primary has taken it out of the rotation, and
// a hand-over to it is lost with its client (16 clients hung in 80 replacements); and
// then PM2's instrumentation would end the process, and PM2 respawn it, at a moment
// that nobody has chosen.
func (d Drainer) leave(ctx context.Context, w Worker) (Result, error) {
	res := Result{Means: Leave}
	anchor, err := d.openAnchor(ctx, w)
	if err != nil && ctx.Err() == nil && d.isFull(w.PID) {
		exited, err := d.Kernel.Exited(ctx, w.PID)
		if err == nil {
			err = d.leaveBy(ctx, w, netip.AddrPort{}, exited, &res)
		}
		return res, err
	}
	if err != nil {
		return res, err
	}
	guard, err := d.startGuard(postLeft, w.PID, w.Port)
	if err != nil {
		return res, errors.Join(err, anchor.Close())
	}
	held := left{anchor, guard}
	exited, err := d.Kernel.Exited(ctx, w.PID)
	if err == nil {
		err = d.PM2.Leave(ctx, w.ID)
	}
	if err != nil {
		return res, errors.Join(err, held.Close())
	}
	err = d.leaveBy(ctx, w, getLocal(anchor), exited, &res)
	switch {
	case err != nil:
		guard.raiseAlarm()
		return res, errors.Join(err, anchor.Close())
	case res.Respawned, res.Killed:
		_ = held.Close() // the process it was held in has ended
		return res, nil
	}
	res.hold = held
	return res, nil
}

// isFull reports whether a process has nine tenths of its descriptors open. Where no connection
// of ours reaches it either, it need not leave the rotation: the primary hands it no other before
// it has taken the last one (Node, lib/internal/cluster/round_robin_handle.js).
func (d Drainer) isFull(pid int) bool {
	used, most := d.Kernel.OpenFiles(pid)
	return most > 0 && 10*used >= 9*most
}

// left is what is kept of a worker that has left: the anchor, and the guard who ends it
// if we die.
type left struct {
	anchor net.Conn
	guard  *Watchman
}

func (l left) Close() error {
	l.guard.dismiss()
	return l.anchor.Close()
}

// leaveBy waits until a worker that was told to leave is empty, or ends it between two
// requests.
func (d Drainer) leaveBy(ctx context.Context, w Worker, anchor netip.AddrPort, exited <-chan struct{}, res *Result) error {
	watch := talks{anchor: anchor}
	gone, err := d.waitForEmpty(ctx, w, exited, &watch)
	switch {
	case err != nil:
		return err
	case gone:
		res.Respawned, err = d.waitForRespawn(ctx, w)
		return err
	case watch.open > 0 && watch.idle:
		res.Killed, res.Idle = true, watch.open
		return d.Kernel.Signal(w.PID, syscall.SIGKILL)
	}
	res.InFlight, res.Streams = watch.open, watch.streams
	return nil
}

// waitForEmpty waits until the worker has had no connection but the anchor for the length
// of the linger. With clients that keep their connections busy that never happens: from
// then on it is enough that each connection is between two requests. It reports whether
// the process has ended, and gives up when the deadline passes, which is an earlier one
// where only streams are left.
func (d Drainer) waitForEmpty(ctx context.Context, w Worker, exited <-chan struct{}, watch *talks) (gone bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.Deadline)
	defer cancel()
	left := d.Kernel.Now()
	since := left
	err = poll(ctx, tick, func() (bool, error) {
		select {
		case <-exited:
			gone = ctx.Err() == nil // it is closed then too
			return true, nil
		default:
		}
		seen, err := d.Kernel.Exchanges(w.Port, w.PID)
		if err != nil {
			return false, err
		}
		watch.look(seen)
		now := d.Kernel.Now()
		if watch.open > 0 {
			since = now
		}
		onlyStreams := watch.streams > 0 && watch.waiting == 0
		return now-since >= d.Linger || watch.idle && now-left >= d.Linger || onlyStreams && now-left >= w.computeStreamDeadline(d), nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return gone, err
}

// waitForRespawn reports whether PM2 starts another process in the place of one that has
// just ended. False (autorestart is off, or PM2 gave up) leaves that to the caller. Until
// PM2 knows of the end its row still shows the process as running, and until the respawn
// it holds the dead pid.
func (d Drainer) waitForRespawn(ctx context.Context, w Worker) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, reach)
	defer cancel()
	var p pm2.Process
	err := poll(ctx, inquiry, func() (bool, error) {
		var err error
		p, err = d.PM2.Describe(ctx, w.ID)
		return err == nil && (p.PID != w.PID || p.State() != pm2.Running), err
	})
	if err != nil {
		return false, fmt.Errorf("cannot see PM2 respawn the worker: %w", err)
	}
	s := p.State()
	return s == pm2.Running || s == pm2.Booting || s == pm2.Backoff, nil
}

// wait reports whether the process exits within a time.
func wait(ctx context.Context, exited <-chan struct{}, within time.Duration) bool {
	t := time.NewTimer(within)
	defer t.Stop()
	select {
	case <-exited:
		return ctx.Err() == nil // the channel closes with the context too
	case <-ctx.Done():
		return false
	case <-t.C:
		return false
	}
}
