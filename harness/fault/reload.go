package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// OverlappingReload is `pm2 reload` by an operator's own hand, whoever else might
// have been asked, of an app whose worker 0 runs a job: two of them run it for a
// while.
type OverlappingReload struct{}

// Kind implements Fault.
func (OverlappingReload) Kind() string { return evidence.KindFault }

// Inject reloads the app.
func (OverlappingReload) Inject(ctx context.Context, at Site) error {
	at.Ask = nil
	return RollingRestart{}.Inject(ctx, at)
}

// Bitten says yes once two processes have run the job for one tick.
func (OverlappingReload) Bitten(r *evidence.Record) (Bite, bool) {
	n := countRunners(r)
	return Bite{Note: fmt.Sprintf("%d processes have run the job for one tick", n)}, n > 1
}

// Lift does nothing: the reload is over.
func (OverlappingReload) Lift(context.Context, Site) error { return nil }
