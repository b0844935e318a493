package fault

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Rollout is `pm2 reload FILE` of an app from outside, as its deployment does it,
// whoever else might have been asked.
type Rollout struct {
	// Wait is how long each new process waits before its first line runs, as for a
	// server that takes its time to answer; 0 for no wait.
	Wait time.Duration
}

// slowFlag has an app's processes wait (fixtures/node-apps/lib/witness.js).
const slowFlag = flags + "slow"

// Kind implements Fault: what the reload loses, PM2 has lost.
func (Rollout) Kind() string { return evidence.KindRequest }

// Inject reloads the app.
func (f Rollout) Inject(ctx context.Context, at Site) error {
	if f.Wait > 0 {
		if err := at.Cluster.Put(ctx, slowFlag, strconv.FormatInt(f.Wait.Milliseconds(), 10)); err != nil {
			return fmt.Errorf("cannot slow the app's start down: %w", err)
		}
	}
	out, err := at.Cluster.Reload(ctx)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot reload the app: %w", err)
	}
	return nil
}

// Bitten says yes once a worker that served has gone.
func (Rollout) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	n := countExited(r, t)
	return Bite{Note: fmt.Sprintf("pm2 reload has ended %d workers", n)}, n > 0
}

// Lift has new processes start at once again.
func (f Rollout) Lift(ctx context.Context, at Site) error {
	if _, err := at.Cluster.Exec(ctx, "rm", "-f", slowFlag); err != nil {
		return fmt.Errorf("cannot let the app start at once again: %w", err)
	}
	return nil
}
