package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// KilledWorker ends the process of the app's first worker with SIGKILL, as the
// kernel does when memory runs out.
type KilledWorker struct{}

// Kind implements Fault.
func (KilledWorker) Kind() string { return evidence.KindFault }

// Inject sends SIGKILL.
func (KilledWorker) Inject(ctx context.Context, at Site) error {
	if err := at.inject(ctx, injector.Order{Signal: at.newSignal(unix.SIGKILL)}); err != nil {
		return fmt.Errorf("cannot kill a worker: %w", err)
	}
	return nil
}

// Bitten says yes once a worker that served has gone, and says which.
func (KilledWorker) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	old := r.Serving(t-2*time.Second, t)
	for _, e := range r.Exits {
		if e.At >= t && slices.Contains(old, e.PID) {
			return Bite{Note: fmt.Sprintf("pid %d has gone", e.PID), PIDs: []int{e.PID}}, true
		}
	}
	return Bite{}, false
}

// Lift does nothing: PM2 starts another one.
func (KilledWorker) Lift(context.Context, Site) error { return nil }
