package drill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/load"
)

// Hold starts the drill's cluster, brings it to its steady state and hurts it, and then
// calls stay, for somebody to look at it and to try things out. What was started is
// removed when stay returns. No engine runs until it is started.
func (d Drill) Hold(ctx context.Context, b Bench, stay func(context.Context, *Held) error) (*evidence.Record, error) {
	h := &Held{run: newRun(d, b)}
	h.run.held = true
	err := h.run.do(ctx, h.run.up, h.run.steady, h.run.inject, func(ctx context.Context) error { return stay(ctx, h) })
	return h.run.log.copy(), err
}

// Held is a cluster that was hurt and is left as it is. It is used by one goroutine.
type Held struct {
	run     *run
	started bool // the engine
	lifted  bool
}

// Look gives f the record as it stands, and its clock. f must not keep the record.
func (h *Held) Look(f func(r *evidence.Record, now time.Duration)) {
	h.run.log.look(func(r *evidence.Record) { f(r, h.run.now()) })
}

// Container is the id of the cluster's container.
func (h *Held) Container() string { return h.run.site.Cluster.ID() }

// Failed is why the drill cannot go on, nil if it can.
func (h *Held) Failed() error { return h.run.failure() }

// EngineName is the engine that Engine starts.
func (h *Held) EngineName() string { return h.run.drill.Engine.Name }

// EngineRuns reports whether the engine was started and not stopped since.
func (h *Held) EngineRuns() bool { return h.started }

// Engine starts the engine, or stops it if it runs.
func (h *Held) Engine(ctx context.Context) error {
	if h.started {
		h.started = false
		return h.run.engine.Close(ctx)
	}
	h.started = true
	return h.run.startEngine(ctx)
}

// Lifted reports whether the fault was lifted.
func (h *Held) Lifted() bool { return h.lifted }

// Lift ends the fault.
func (h *Held) Lift(ctx context.Context) error {
	if h.lifted || h.run.drill.Fault == nil {
		return nil
	}
	h.lifted = true
	h.run.mark(evidence.Mark{Name: evidence.MarkLift})
	if err := h.run.drill.Fault.Lift(ctx, h.run.site); err != nil {
		return err
	}
	h.run.mark(evidence.Mark{Name: evidence.MarkLifted})
	return nil
}

// Load sends so many times the load of the scenario from now on. What was under way is
// given up.
func (h *Held) Load(ctx context.Context, times float64) error {
	if times <= 0 {
		return fmt.Errorf("cannot send %v times the load", times)
	}
	old := h.run.load
	h.run.changing.Store(true)
	defer h.run.changing.Store(false)
	err := old.Close(ctx)
	lanes := append([]load.Lane(nil), h.run.drill.Load...)
	for i := range lanes {
		lanes[i].Rate *= times
	}
	return errors.Join(err, h.run.startLoad(ctx, lanes))
}
