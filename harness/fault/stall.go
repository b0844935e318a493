package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
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

// Inject asks the app to stall. The worker that takes the request never
// answers it, so the request is given up after a second.
func (f StalledWorker) Inject(ctx context.Context, at Site) error {
	js := fmt.Sprintf(`fetch('http://127.0.0.1:%d/stall?ms=%d',{method:'POST',signal:AbortSignal.timeout(1000)})`+
		`.then(r=>process.exit(r.ok?0:1),e=>process.exit(e.name==='TimeoutError'?0:1))`, at.Port, f.For.Milliseconds())
	out, err := at.Cluster.Exec(ctx, "node", "-e", js)
	if err != nil {
		return fmt.Errorf("cannot stall a worker: %w", err)
	}
	if out.Code != 0 {
		return fmt.Errorf("cannot stall a worker: the app did not take the request: %s", out.Stderr)
	}
	return nil
}

// Bitten says yes once a worker that served before has answered nothing for a
// second while its process lives and the others answer.
func (StalledWorker) Bitten(r *evidence.Record) (Bite, bool) { return oneSilent(r) }

// Lift does nothing: a stall ends by itself or with its process.
func (StalledWorker) Lift(context.Context, Site) error { return nil }

// oneSilent finds the one worker that served before the injection, lives, and
// has answered nothing for a second while others answer.
func oneSilent(r *evidence.Record) (Bite, bool) {
	t, ok := injected(r)
	if !ok {
		return Bite{}, false
	}
	before := r.Serving(t-2*time.Second, t)
	now := latest(r)
	if now < t+silence {
		return Bite{}, false
	}
	after := r.Serving(now-silence, now)
	var silent []int
	for _, pid := range before {
		_, gone := r.ExitOf(pid)
		if !gone && !slices.Contains(after, pid) {
			silent = append(silent, pid)
		}
	}
	if len(silent) != 1 || len(after) == 0 {
		return Bite{Note: fmt.Sprintf("%d workers are silent", len(silent))}, false
	}
	return Bite{Note: fmt.Sprintf("pid %d has answered nothing for %s and lives", silent[0], silence), PIDs: silent}, true
}

// latest is when the last recorded request was settled.
func latest(r *evidence.Record) time.Duration {
	if n := len(r.Requests); n > 0 {
		return r.Requests[n-1].Done
	}
	return 0
}
