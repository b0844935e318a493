package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// ScaleRequest asks for another number of workers. The engine under test is
// asked if there is one; without it the operator does what PM2 offers, `pm2 scale`.
type ScaleRequest struct {
	To int // workers that there are to be
}

// Kind implements Fault: whoever scales is to blame for what that loses.
func (ScaleRequest) Kind() string { return evidence.KindRequest }

// Asks names the capability that an engine needs for it.
func (ScaleRequest) Asks() string { return engine.CanScale }

// Inject hands the request over.
func (f ScaleRequest) Inject(ctx context.Context, at Site) error {
	if at.Ask == nil {
		return ScaleDown{To: f.To}.Inject(ctx, at)
	}
	if err := at.Ask(ctx, engine.Request{Request: engine.RequestScale, App: at.App, Workers: f.To}); err != nil {
		return fmt.Errorf("cannot ask the engine for %d workers: %w", f.To, err)
	}
	return nil
}

// Bitten says yes once the request has been handed over; and, where PM2 alone
// was told to do it, once it lists that many and worker 0 is not among them.
func (f ScaleRequest) Bitten(r *evidence.Record) (Bite, bool) {
	if _, ok := findInjection(r); !ok {
		return Bite{}, false
	}
	if r.Header.Arm != evidence.ArmControl {
		return Bite{Note: fmt.Sprintf("the engine was asked for %d workers", f.To)}, true
	}
	return ScaleDown{To: f.To}.Bitten(r)
}

// Lift does nothing: a request is not taken back.
func (ScaleRequest) Lift(context.Context, Site) error { return nil }
