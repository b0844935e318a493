package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// StalledWorker makes one worker's event loop spin. Which one is the cluster
// primary's choice; the record shows who went silent.
type StalledWorker struct {
	For time.Duration // how long it spins; 0 is for ever
}

// silence is how long a worker must answer nothing, while it burns CPU, to
// count as stalled. Under the usual load a healthy worker answers many times
// in it.
const silence = time.Second

// Kind implements Fault.
func (StalledWorker) Kind() string { return evidence.KindFault }

// Inject asks the app to stall.
func (f StalledWorker) Inject(ctx context.Context, at Site) error {
	if err := at.inject(ctx, injector.Order{Stall: &injector.Stall{Port: at.Port, Path: at.resolvePath("/stall"), For: f.For}}); err != nil {
		return fmt.Errorf("cannot stall a worker: %w", err)
	}
	return nil
}

// Bitten says yes once a worker that served before has answered nothing for a
// second while its process lives and the others answer.
func (StalledWorker) Bitten(r *evidence.Record) (Bite, bool) { return findSilent(r) }

// Lift does nothing: a stall ends by itself or with its process.
func (StalledWorker) Lift(context.Context, Site) error { return nil }

// silentLook is how far back a silence is looked for: a host may be so busy that
// nobody looks while a short one lasts.
const silentLook = 4 * time.Second

// findSilent finds the one worker that served before the injection, lives, and answered
// nothing for a second while others answered.
func findSilent(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	before := r.Serving(t-2*time.Second, t)
	if m, done := r.Mark(evidence.MarkInjected); done {
		t = m.At // who was silent before has another reason, on a busy host
	}
	var bite Bite
	for end := findLatest(r); end >= max(t+silence, findLatest(r)-silentLook); end -= silence / 4 {
		after := r.Serving(end-silence, end)
		silent := slices.DeleteFunc(slices.Clone(before), func(pid int) bool {
			_, gone := r.ExitOf(pid)
			return gone || slices.Contains(after, pid)
		})
		if len(silent) == 1 && len(after) > 0 {
			return Bite{Note: fmt.Sprintf("pid %d answered nothing for %s and lives", silent[0], silence), PIDs: silent}, true
		}
		bite.Note = fmt.Sprintf("%d workers are silent", len(silent))
	}
	return bite, false
}

// findLatest returns when the last recorded request was settled.
func findLatest(r *evidence.Record) time.Duration {
	if n := len(r.Requests); n > 0 {
		return r.Requests[n-1].Done
	}
	return 0
}
