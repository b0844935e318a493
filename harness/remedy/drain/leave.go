package drain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// anchored is how long our own connection stays in a worker after it was told
// to leave. It keeps the worker's close from completing before the primary has
// taken the worker out of the rotation: a hand-over to a worker that has closed
// already is lost, and its client hangs. Without it 16 clients hung in 80
// replacements, with 150 ms none in 40.
const anchored = 200 * time.Millisecond

// farewell is how long an empty worker that has left may take to exit. PM2's
// instrumentation ends the process at its next report of metrics, one a second.
const farewell = 3 * time.Second

// leave empties a worker by having it leave the rotation. Busy keep-alive
// connections never end this way; the deadline cuts them off.
func (d Drainer) leave(ctx context.Context, w Worker) (Result, error) {
	res := Result{Means: Leave}
	a, err := d.anchor(ctx, w)
	if err != nil {
		return res, err
	}
	defer a.Close()
	exited, err := d.Kernel.Exited(ctx, w.PID)
	if err != nil {
		return res, err
	}
	if err := d.PM2.Leave(ctx, w.ID); err != nil {
		return res, err
	}
	if !wait(ctx, exited, anchored) {
		_ = a.Close() // nothing was sent on it
		if res.InFlight, err = d.emptied(ctx, w, exited); err != nil {
			return res, err
		}
	}
	if res.InFlight > 0 {
		return res, nil // it cannot exit by itself: restart it
	}
	res.Respawned, err = d.departs(ctx, w, exited)
	return res, err
}

// emptied waits until the worker has had no connection for the length of the
// linger, and returns how many it has when the deadline passes.
func (d Drainer) emptied(ctx context.Context, w Worker, exited <-chan struct{}) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, d.Deadline)
	defer cancel()
	left := 0
	since := d.Kernel.Now()
	err := poll(ctx, tick, func() (bool, error) {
		select {
		case <-exited:
			left = 0
			return true, nil
		default:
		}
		socks, err := d.Kernel.Established(w.Port, w.PID)
		if err != nil {
			return false, err
		}
		left = 0
		for _, s := range socks {
			if s.PID == w.PID {
				left++
			}
		}
		if left > 0 {
			since = d.Kernel.Now()
		}
		return d.Kernel.Now()-since >= d.Linger, nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return left, err
}

// departs reports whether a worker that has left exits by itself and PM2 starts
// another one. The process of an app with timers or open pools lives on where
// PM2's instrumentation is off (pmx: false), and must then be restarted.
func (d Drainer) departs(ctx context.Context, w Worker, exited <-chan struct{}) (bool, error) {
	if !wait(ctx, exited, farewell) {
		return false, ctx.Err()
	}
	return d.respawns(ctx, w)
}

// respawns reports whether PM2 starts another process in the place of one that
// has just ended. False (autorestart is off, or PM2 gave up) leaves that to the
// caller. Until PM2 knows of the end its row still shows the process as running,
// and until the respawn it holds the dead pid.
func (d Drainer) respawns(ctx context.Context, w Worker) (bool, error) {
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
