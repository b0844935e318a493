package fault

import (
	"context"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// Weather is what a healthy cluster goes through: deployments by `pm2 reload`, and
// pauses of one worker's event loop like those of a garbage collector. Its app
// adds a scheduled job that computes. Nothing is wrong, however often.
type Weather struct {
	For    time.Duration
	Deploy time.Duration // from one deployment to the next
	Pause  time.Duration // from one pause to the next
	Lasts  time.Duration // how long a pause takes; shorter than any client's timeout
}

// Kind implements Fault: the deployments go on by themselves.
func (Weather) Kind() string { return evidence.KindDeployment }

// listDeploys returns the times of the deployments, from the beginning: the first at
// once.
func (f Weather) listDeploys() []time.Duration { return listEvery(f.Deploy, 0, f.For) }

// listPauses returns the times of the pauses, from the beginning.
func (f Weather) listPauses() []time.Duration { return listEvery(f.Pause, f.Pause, f.For) }

func listEvery(step, first, end time.Duration) []time.Duration {
	var out []time.Duration
	for at := first; at < end; at += step {
		out = append(out, at)
	}
	return out
}

// Inject starts the weather, which ends by itself, or with its cluster.
func (f Weather) Inject(ctx context.Context, at Site) error {
	if err := at.injectBehind(ctx, injector.Order{Posts: at.newPauses(f.Lasts, f.listPauses())}); err != nil {
		return fmt.Errorf("cannot start the weather: %w", err)
	}
	go f.deploy(ctx, at)
	return nil
}

// deploy has the operator type `pm2 reload` again and again. What comes of it is on record:
// a deployment that fails is weather too.
func (f Weather) deploy(ctx context.Context, at Site) {
	began := time.Now()
	for _, due := range f.listDeploys() {
		select {
		case <-time.After(due - time.Since(began)):
		case <-ctx.Done():
			return
		}
		at.reloadBehind(ctx)
	}
}

// Bitten says yes once the first deployment has ended a worker that served. How
// rough the weather was is for promise.Weathers to count at the end.
func (Weather) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	n := countExited(r, t)
	return Bite{Note: fmt.Sprintf("pm2 reload has ended %d workers", n)}, n > 0
}

// Lift does nothing: the weather ends by itself, or with its container.
func (Weather) Lift(context.Context, Site) error { return nil }
