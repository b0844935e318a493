package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// SlowRelease deploys a release that is well and takes long to start: by a
// restart, or by a rolling restart of whoever is there to do one.
type SlowRelease struct {
	Flag string // the release: it
	Roll bool
}

// Kind implements Fault: whoever rolls is to blame for what a roll loses.
func (f SlowRelease) Kind() string {
	if f.Roll {
		return evidence.KindRequest
	}
	return evidence.KindFault
}

// Asks names the capability that an engine needs for it, "" for none.
func (f SlowRelease) Asks() string {
	if f.Roll {
		return engine.CanRoll
	}
	return ""
}

// Inject switches the release and has it started.
func (f SlowRelease) Inject(ctx context.Context, at Site) error {
	if f.Roll {
		return BadDeploy{Flag: f.Flag}.Inject(ctx, at)
	}
	return BadRelease{Flag: f.Flag}.Inject(ctx, at)
}

// slowFor is how long a worker must have been gone without a successor that
// answers; an app that starts at once has one within a second.
const slowFor = 4 * time.Second

// Bitten says yes once a worker that served has gone, and for a while no new one
// has answered.
func (f SlowRelease) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	old, now := r.Serving(t-2*time.Second, t), findLatest(r)
	for _, e := range r.Exits {
		if e.At < t || !slices.Contains(old, e.PID) || now-e.At < slowFor {
			continue
		}
		for _, pid := range r.Serving(e.At, e.At+slowFor) {
			if !slices.Contains(old, pid) {
				return Bite{Note: fmt.Sprintf("pid %d took the place of pid %d at once", pid, e.PID)}, false
			}
		}
		return Bite{Note: fmt.Sprintf("pid %d went, and for %s no new worker answered", e.PID, slowFor)}, true
	}
	return Bite{Note: "no worker has gone for long"}, false
}

// Lift puts the former release back on disk. The app is left as it is.
func (f SlowRelease) Lift(ctx context.Context, at Site) error {
	return BadRelease{Flag: f.Flag}.Lift(ctx, at)
}
