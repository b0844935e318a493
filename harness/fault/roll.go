package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// RollingRestart asks for a rolling restart. The engine under test is asked if
// there is one; without it the operator does what PM2 offers, `pm2 reload`.
type RollingRestart struct {
	// Rollback is the command, run inside the container, that puts the previous
	// release back on disk; nil for none. PM2 has no place for one.
	Rollback []string
}

// Kind implements Fault.
func (RollingRestart) Kind() string { return evidence.KindRequest }

// Asks names the capability that an engine needs for it.
func (RollingRestart) Asks() string { return engine.CanRoll }

// Inject hands the request over.
func (f RollingRestart) Inject(ctx context.Context, at Site) error {
	if at.Ask != nil {
		if err := at.Ask(ctx, engine.Request{Request: engine.RequestRoll, App: at.App, Rollback: f.Rollback}); err != nil {
			return fmt.Errorf("cannot ask the engine for a rolling restart: %w", err)
		}
		return nil
	}
	if err := at.runPM2(ctx, "reload", at.App); err != nil {
		return fmt.Errorf("cannot reload the app: %w", err)
	}
	return nil
}

// Bitten says yes once the request has been handed over; and, where PM2 alone
// was told to do it, once a worker that served has gone. What an engine makes
// of a request is for the promises to judge.
func (RollingRestart) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	if !r.Unaided() {
		return Bite{Note: "the engine was asked for a rolling restart"}, true
	}
	n := countExited(r, t)
	return Bite{Note: fmt.Sprintf("pm2 reload has ended %d workers", n)}, n > 0
}

// Lift does nothing: a request is not taken back.
func (RollingRestart) Lift(context.Context, Site) error { return nil }
