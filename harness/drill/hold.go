package drill

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/load"
)

// Visit is what somebody does with a held cluster.
type Visit struct {
	Before func(context.Context, *Held) error // when the app is up and has no load, as an engine would begin; nil for nothing
	Stay   func(context.Context, *Held) error // afterwards; what was started is removed when it returns
}

// Hold starts the drill's cluster, brings it to its steady state and hurts it, for
// somebody to look at it and to try things out. No engine runs until it is started. An
// app that is to fail by itself, with no Fault, need not become steady, nor serve.
func (d Drill) Hold(ctx context.Context, b Bench, v Visit) (*evidence.Record, error) {
	h := &Held{run: newRun(d, b)}
	h.run.held = true
	if v.Before != nil {
		h.run.beside = func(ctx context.Context) error { return v.Before(ctx, h) }
	}
	steps := []func(context.Context) error{h.run.startAll}
	if !h.run.isUnharmed() {
		steps = append(steps, h.run.waitForSteady, h.run.inject)
	}
	err := h.run.do(ctx, append(steps, func(ctx context.Context) error { return v.Stay(ctx, h) })...)
	return h.run.log.copy(), err
}

// Held is a cluster whose drill goes no further, and that is left as it is. One goroutine
// changes it (Engine, Lift, Load, Resume) while another may look.
type Held struct {
	run     *run
	started atomic.Bool // the engine
	lifted  atomic.Bool
}

// Look gives f the record as it stands, and its clock. f must not keep the record.
func (h *Held) Look(f func(r *evidence.Record, now time.Duration)) {
	h.run.log.look(func(r *evidence.Record) { f(r, h.run.readClock()) })
}

// Cluster is what is held.
func (h *Held) Cluster() *cluster.Cluster { return h.run.site.Cluster }

// Subject is the app: PM2's name of it, and its health URL.
func (h *Held) Subject() (name, url string) { return h.run.drill.App.Name, h.run.drill.App.URL() }

// Failed is why the drill cannot go on, nil if it can.
func (h *Held) Failed() error { return h.run.getFailure() }

// EngineName is the engine that Engine starts.
func (h *Held) EngineName() string { return h.run.drill.Engine.Name }

// EngineRuns reports whether the engine was started and not stopped since.
func (h *Held) EngineRuns() bool { return h.started.Load() }

// Engine starts the engine, or stops it if it runs: its stdin is closed, and if it goes on
// it gets SIGTERM, and SIGKILL in the end.
func (h *Held) Engine(ctx context.Context) error {
	if !h.started.Load() {
		h.started.Store(true)
		return h.run.startEngine(ctx)
	}
	s := h.run.engine
	h.run.left.Store(s, true)
	if err := s.Close(ctx); err != nil {
		return err
	}
	for _, signal := range []string{"TERM", "KILL"} {
		runs, err := s.Running(ctx)
		if err == nil && runs {
			runs, err = h.endEngine(ctx, s, signal)
		}
		if err != nil || !runs {
			h.started.Store(err != nil)
			return err
		}
	}
	return errors.New("it still runs after SIGKILL, and will until you leave")
}

// endWithin is how long an engine may take to end at a signal.
const endWithin = 10 * time.Second

// endEngine sends the engine a signal and reports whether it still runs some time later.
func (h *Held) endEngine(ctx context.Context, s *cluster.Stream, signal string) (bool, error) {
	if err := h.run.site.Cluster.Signal(ctx, s, signal); err != nil {
		return true, fmt.Errorf("cannot stop the engine: %w", err)
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for end := time.After(endWithin); ; {
		runs, err := s.Running(ctx)
		if err != nil || !runs {
			return runs, err
		}
		select {
		case <-tick.C:
		case <-end:
			return true, nil
		case <-ctx.Done():
			return true, context.Cause(ctx)
		}
	}
}

// Harmless reports whether the drill has no fault: what fails is the app's own affair.
func (h *Held) Harmless() bool { return h.run.drill.Fault == nil }

// Lifted reports whether the fault was lifted.
func (h *Held) Lifted() bool { return h.lifted.Load() }

// Lift ends the fault.
func (h *Held) Lift(ctx context.Context) error {
	if h.lifted.Load() || h.run.drill.Fault == nil {
		return nil
	}
	h.lifted.Store(true)
	h.run.mark(evidence.Mark{Name: evidence.MarkLift})
	if err := h.run.drill.Fault.Lift(ctx, h.run.site); err != nil {
		return err
	}
	h.run.mark(evidence.Mark{Name: evidence.MarkLifted})
	return nil
}

// reportEnd calls the bench's hook for a drill that is over, if there is one.
func (r *run) reportEnd(ctx context.Context) error {
	if r.bench.Ended == nil {
		return nil
	}
	if err := r.log.end(nil); err != nil {
		return err
	}
	r.whole = r.log.copy()
	_, stopped := r.whole.Mark(evidence.MarkEngineEnded)
	_, lifted := r.whole.Mark(evidence.MarkLifted)
	h := &Held{run: r}
	h.started.Store(r.engine != nil && !stopped)
	h.lifted.Store(lifted)
	return r.bench.Ended(ctx, r.whole, h)
}

// Resume puts the load back on a cluster whose drill is over.
func (h *Held) Resume(ctx context.Context) error {
	h.run.left.Store(h.run.load, true)
	h.run.ending.Store(false)
	return h.Load(ctx, 1)
}

// Load sends so many times the load of the scenario from now on. What was under way is
// given up.
func (h *Held) Load(ctx context.Context, times float64) error {
	if times <= 0 {
		return fmt.Errorf("cannot send %v times the load", times)
	}
	old := h.run.load
	h.run.left.Store(old, true)
	err := old.Close(ctx)
	lanes := append([]load.Lane(nil), h.run.drill.Load...)
	for i := range lanes {
		lanes[i].Rate *= times
	}
	return errors.Join(err, h.run.startLoad(ctx, lanes))
}
