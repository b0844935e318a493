package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Visitor is a worker more for a while: `pm2 scale` up, and down again when it is
// lifted.
type Visitor struct {
	Workers int // as many as there are without it
}

// Kind implements Fault: what the scaling loses, PM2 has lost.
func (Visitor) Kind() string { return evidence.KindRequest }

// Inject scales up.
func (f Visitor) Inject(ctx context.Context, at Site) error {
	return ScaleDown{To: f.Workers + 1}.Inject(ctx, at)
}

// Bitten says yes once one worker more than before has answered.
func (f Visitor) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	n := len(r.Serving(t, findLatest(r)))
	return Bite{Note: fmt.Sprintf("%d workers have answered", n)}, n > f.Workers
}

// Lift scales down to what there was.
func (f Visitor) Lift(ctx context.Context, at Site) error {
	return ScaleDown{To: f.Workers}.Inject(ctx, at)
}
