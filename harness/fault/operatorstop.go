package fault

import (
	"context"
	"fmt"
	"strconv"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// OperatorStop is `pm2 stop` of one worker, by a person who means it.
type OperatorStop struct {
	ID int // of the worker
}

// Kind implements Fault.
func (OperatorStop) Kind() string { return evidence.KindFault }

// Inject stops the worker.
func (f OperatorStop) Inject(ctx context.Context, at Site) error { return f.tell(ctx, at, "stop") }

// Bitten says yes once PM2 lists the worker without a process.
func (f OperatorStop) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if s.At >= t && w.ID == f.ID && !w.Alive {
				return Bite{Note: fmt.Sprintf("worker %d is %s", w.ID, w.Status)}, true
			}
		}
	}
	return Bite{Note: fmt.Sprintf("worker %d runs", f.ID)}, false
}

// Lift starts the worker again.
func (f OperatorStop) Lift(ctx context.Context, at Site) error { return f.tell(ctx, at, "restart") }

func (f OperatorStop) tell(ctx context.Context, at Site, what string) error {
	if err := at.runPM2(ctx, what, strconv.Itoa(f.ID)); err != nil {
		return fmt.Errorf("cannot %s worker %d: %w", what, f.ID, err)
	}
	return nil
}
