package remedy

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// repayWithin bounds the start of all workers that are held when the engine ends. A service
// manager waits longer before it kills (systemd: TimeoutStopSec, 90 s).
const repayWithin = 20 * time.Second

// repay starts every worker that the engine holds when it ends. Without it nobody would
// try them again, and PM2 alone would have. Nothing is done while the kill switch is
// thrown: the workers stay noted for the next run.
func (r *runner) repay(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, repayWithin)
	defer cancel()
	o := r.watch.Look(ctx, observe.Focus{}) // it knows how the last actions ended, and what people have done
	r.state = r.state.Absorb(o, r.limits)
	if !o.Daemon.Alive {
		return
	}
	var starts sync.WaitGroup
	for _, id := range slices.Sorted(maps.Keys(r.state.Held)) {
		d := plan.Decision{
			Kind: plan.Act, Cause: r.state.Held[id], Action: engine.ActionRestart, ID: id,
			Why: "the engine ends, and nobody would try the worker again",
		}
		if o.Paused {
			d.Why = "the kill switch is on: the worker stays down until the next run"
			r.say(engine.Line{Type: engine.TypeWithheld, Cause: d.Cause, Action: d.Action, ID: d.WorkerID(), Why: d.Why})
			continue
		}
		r.state.Busy[id] = d.Action
		end := r.begin(d)
		starts.Go(func() { end(r.executor.Do(ctx, d)) })
	}
	starts.Wait()
	r.yield(ctx)
}

// yield stops what operators have stopped while the engine was starting it for the last time.
func (r *runner) yield(ctx context.Context) {
	if len(r.state.Busy) == 0 {
		return
	}
	o := r.watch.Look(ctx, observe.Focus{})
	var stops []plan.Decision
	r.state, stops = plan.Yield(r.state.Absorb(o, r.limits), o)
	for _, d := range stops {
		end := r.begin(d)
		end(r.executor.Do(ctx, d))
	}
}
