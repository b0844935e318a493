package drain

import (
	"context"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// order is a restart that PM2 was told of. PM2 answers when it takes the new
// process for online; where the app uses wait_ready, when the process has sent
// "ready", or listen_timeout after the fork if it never does (God.js, executeApp).
// A worker that answers requests need not be waited for; which of the two it was
// is worth knowing.
type order struct {
	answered chan struct{}
	err      error         // PM2's answer, once there is one
	at       time.Duration // when it came
}

// tell has PM2 restart a worker with the roll's timeouts and environment, and
// gives up waiting for the answer after a time.
func (r Roller) tell(ctx context.Context, id int, within time.Duration) *order {
	o := &order{answered: make(chan struct{})}
	cfg := pm2.Config{Env: r.Env, KillTimeout: r.Timeouts.Kill, ListenTimeout: r.Timeouts.Listen}
	go func() {
		defer close(o.answered)
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		o.err = r.PM2.Restart(ctx, id, cfg)
		o.at = r.Kernel.Now()
	}()
	return o
}

// getRefusal returns the error that PM2 has answered with, if it has.
func (o *order) getRefusal() error {
	if !o.waitForAnswer(0) {
		return nil
	}
	return o.err
}

// waitForAnswer reports whether PM2 answers within a time. Where it was told nothing it
// never does.
func (o *order) waitForAnswer(d time.Duration) bool {
	if o == nil {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-o.answered:
		return true
	default:
	}
	select {
	case <-o.answered:
		return true
	case <-t.C:
		return false
	}
}

// Await waits for PM2's answer about a worker that serves, if it was restarted by
// order, and takes down when it came (Online). It takes listen_timeout where PM2
// waits for a word that never comes. A worker that died on the way was answered
// for too early, or never.
func (rep *Replacement) Await(ctx context.Context) {
	if rep.order == nil || rep.Deaths > 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-rep.order.answered:
		if rep.order.err == nil {
			rep.Online = rep.order.at - rep.gone
		}
	}
}
