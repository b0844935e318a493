package drill

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
)

// Deadlines of the steps that have nothing to do with the scenario.
const (
	steadyWithin = 60 * time.Second
	bittenWithin = 90 * time.Second
	steadyFor    = 3 * time.Second
	settleWithin = 30 * time.Second
)

// startAll starts the observer, the app, the engine and the load, in that order: the
// observer must see the first boot, the engine a cluster that runs.
func (r *run) startAll(ctx context.Context) error {
	defer r.booted()
	if err := r.begin(); err != nil {
		return err
	}
	if err := r.startObserver(ctx); err != nil {
		return err
	}
	if r.drill.App.Job {
		if err := r.site.Cluster.MakeRuns(ctx); err != nil {
			return err
		}
	}
	if err := r.site.Cluster.Up(ctx); err != nil {
		return err
	}
	if err := r.startOther(ctx); err != nil {
		return err
	}
	if r.drill.App.Job {
		if err := r.followRuns(ctx); err != nil {
			return err
		}
	}
	if r.beside != nil {
		if err := r.beside(ctx); err != nil {
			return err
		}
	}
	return r.startLoad(ctx, r.drill.Load)
}

// startOther has PM2 run another app, which the drill does not touch, beside a fixture
// while the fixture comes up.
func (r *run) startOther(ctx context.Context) error {
	other := make(chan error, 1)
	go func() {
		if r.drill.App.Own != nil {
			other <- nil
			return
		}
		other <- r.site.Cluster.UpOther(ctx)
	}()
	var err error
	if !r.isUnharmed() {
		err = r.site.Cluster.Listens(ctx, r.drill.App.Port)
	}
	return errors.Join(err, <-other)
}

// waitForSteady waits until every worker has served without a loss for a while.
func (r *run) waitForSteady(ctx context.Context) error {
	r.enterPhase("steady")
	ok, err := r.wait(ctx, steadyWithin, func(e *evidence.Record) (string, bool) {
		now := r.readClock()
		serving := len(e.Serving(now-steadyFor, now))
		lost, since := 0, time.Duration(0)
		for _, q := range e.Dropped() {
			if q.Done > now-steadyFor {
				lost++
			}
		}
		if len(e.Requests) > 0 {
			since = now - e.Requests[0].Done
		}
		return fmt.Sprintf("%d of %d workers serve, %d lost", serving, r.drill.App.Workers, lost),
			serving == r.drill.App.Workers && lost == 0 && since > steadyFor
	})
	if err != nil || !ok {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkSteady})
	if !r.drill.Background.Present() {
		return nil
	}
	return r.drill.Background.Begin(ctx, r.site, func() {
		r.mark(evidence.Mark{Name: evidence.MarkBackground, Note: "another app was deployed"})
	})
}

// inject sets the fault off and waits for proof that it has taken effect. A
// cluster that is not steady is not hurt: the record says so by its absence.
func (r *run) inject(ctx context.Context) error {
	if _, steady := r.log.mark(evidence.MarkSteady); r.drill.Fault == nil || !steady {
		return nil
	}
	r.enterPhase("inject")
	if ok, err := r.waitForDeclared(ctx); err != nil || !ok {
		return err
	}
	if err := r.waitUntil(ctx, r.readClock()+r.computeJitter()); err != nil {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkInject, Kind: r.drill.Fault.Kind(), Note: fmt.Sprintf("%T%+v", r.drill.Fault, r.drill.Fault)})
	if err := r.drill.Fault.Inject(ctx, r.site); err != nil {
		if r.engine != nil && ctx.Err() == nil && r.site.Cluster.Lost(ctx) == nil {
			r.mark(evidence.Mark{Name: evidence.MarkHindered, Note: err.Error()})
		}
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkInjected})
	var bite fault.Bite
	ok, err := r.wait(ctx, bittenWithin, func(e *evidence.Record) (note string, ok bool) {
		bite, ok = r.drill.Fault.Bitten(e)
		return bite.Note, ok
	})
	if err != nil || !ok {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkBitten, Note: bite.Note, PIDs: bite.PIDs})
	return nil
}

// lift ends the fault when its time has come.
func (r *run) lift(ctx context.Context) error {
	injected, ok := r.log.mark(evidence.MarkInject)
	if r.drill.LiftAfter == 0 || !ok {
		return nil
	}
	r.enterPhase("fault")
	if err := r.waitUntil(ctx, injected.At+r.drill.LiftAfter); err != nil {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkLift})
	if err := r.drill.Fault.Lift(ctx, r.site); err != nil {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkLifted})
	return nil
}

// waitForRecovery waits until every worker serves again, or the deadline.
func (r *run) waitForRecovery(ctx context.Context) error {
	if _, bitten := r.log.mark(evidence.MarkBitten); !bitten {
		return nil // there is nothing to recover from
	}
	r.enterPhase("recovery")
	inject, _ := r.log.mark(evidence.MarkInject)
	var old []int
	ok, err := r.wait(ctx, r.drill.Recover, func(e *evidence.Record) (string, bool) {
		if old == nil {
			old = e.Serving(inject.At-steadyFor, inject.At)
		}
		now := r.readClock()
		serving := e.StillServing(now-time.Second, now)
		if r.drill.Replace {
			serving = subtractPIDs(serving, old)
		}
		return fmt.Sprintf("%d of %d workers serve", len(serving), e.Expected()), len(serving) == e.Expected()
	})
	if err != nil {
		return err
	}
	name := evidence.MarkRecovered
	if !ok {
		name = evidence.MarkDeadline
	}
	r.mark(evidence.Mark{Name: name})
	return nil
}

// soak goes on watching: late losses and second thoughts show here.
func (r *run) soak(ctx context.Context) error {
	r.enterPhase("soak")
	end := r.readClock() + r.drill.Soak
	if bitten, ok := r.log.mark(evidence.MarkBitten); ok {
		end = max(end, bitten.At+r.drill.Linger)
	}
	return r.waitUntil(ctx, end)
}

// tallies is how many lanes have counted what they did.
func tallies(e *evidence.Record) int { return len(e.Tallies) + len(e.StreamTallies) }

// stopLoad lets what is in flight end and waits for the generator's tallies.
func (r *run) stopLoad(ctx context.Context) error {
	r.enterPhase("settle")
	r.ending.Store(true)
	r.mark(evidence.Mark{Name: evidence.MarkLoadEnd})
	if _, err := io.WriteString(r.load.Stdin, "stop\n"); err != nil {
		return fmt.Errorf("cannot stop the load: %w", err)
	}
	ok, err := r.wait(ctx, settleWithin, func(e *evidence.Record) (string, bool) {
		return fmt.Sprintf("%d tallies", tallies(e)), tallies(e) == len(r.drill.Load)+1
	})
	if err == nil && !ok {
		err = fmt.Errorf("cannot settle the load: %d of %d lanes left a tally", tallies(r.log.copy()), len(r.drill.Load)+1)
	}
	return err
}

// collect takes what is left of the app's journal, and what the engine has recorded,
// while the container still stands.
func (r *run) collect(ctx context.Context) error {
	r.enterPhase("collect")
	if err := r.readJournal(ctx); err != nil {
		return err
	}
	if err := r.readTrace(ctx); err != nil {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkEnd})
	return nil
}

// computeJitter returns how long after the steady state the fault comes, up to a second:
// repetitions hit the cluster at different points of its heartbeats and of the engine's
// checks. The seed decides.
func (r *run) computeJitter() time.Duration {
	h := fnv.New64a()
	_, _ = io.WriteString(h, r.drill.Scenario+" "+r.drill.Arm) // a hash's Write never fails
	return time.Duration(rand.New(rand.NewPCG(uint64(r.bench.Seed), h.Sum64())).Int64N(int64(time.Second)))
}

func subtractPIDs(pids, old []int) []int {
	gone := make(map[int]bool, len(old))
	for _, pid := range old {
		gone[pid] = true
	}
	var out []int
	for _, pid := range pids {
		if !gone[pid] {
			out = append(out, pid)
		}
	}
	return out
}
