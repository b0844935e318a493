// Package drill runs one arm of one scenario once and brings back the evidence.
//
//	start cluster -> observe -> start engine -> load -> steady
//	  -> inject -> bitten -> (lift) -> recovered or deadline -> soak
//	  -> stop load -> collect -> tear down
//
// It judges nothing. Every wait ends on something seen or on a deadline, and
// both leave a mark.
package drill

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/load"
)

// Drill is one arm of a scenario. All fields but Fault, LiftAfter, Left, Replace and Linger are required.
type Drill struct {
	Scenario  string
	Arm       string        // evidence.ArmHealthy, ...
	App       App           // what runs
	Load      []load.Lane   // what it must serve
	Fault     fault.Fault   // nil where nothing happens, as in a healthy arm
	LiftAfter time.Duration // from injection to lift; 0 leaves the fault until the end
	Left      int           // workers that the fault leaves on purpose; 0 for all
	Replace   bool          // recovery needs new processes, not only serving ones
	Recover   time.Duration // how long the drill waits for recovery after the fault's end
	Linger    time.Duration // from the bite to the end at least, for what shows late
	Soak      time.Duration // how long it goes on watching afterwards
	Engine    Engine
	// Definition is kept with the evidence, so that a scenario which is not of the
	// catalogue can be judged again; "" of those.
	Definition string
}

// App is a fixture: a folder under fixtures/node-apps.
type App struct {
	Name    string       // PM2's name of it
	Fixture string       // name of its folder
	Own     *cluster.Own // from outside, instead of a fixture; nil for a fixture
	Workers int
	// Settings are laid over those of its ecosystem file; nil for none.
	Settings map[string]any
	Port     int            // inside the container
	Server   cluster.Server // the database server it needs, "" for none
	// Neighbour has PM2 run another app besides, which is nobody's business.
	Neighbour bool
	Job       bool // it has a scheduled job, which leaves a row for each run in PostgreSQL
}

// Bench is what drills share: where they run and who watches.
type Bench struct {
	Run    string // id of the run
	Seed   int64
	Docker *cluster.Docker
	Images cluster.Images
	Apps   fs.FS  // the fixtures
	Binary string // static Linux pm2drill, copied into the container
	// Keep opens the file in which a drill's evidence is kept while it runs; nil where
	// it is not to outlive the process.
	Keep    func() (io.WriteCloser, error)
	Version string                      // of pm2drill, for whoever reads the evidence
	Boot    sync.Locker                 // held while a cluster boots, which is when it needs the host most; never nil
	Watch   func(phase string, p Pulse) // called often with what goes on; never nil
	Command func(scenario, arm string, seed int64) string
	// Ended, if it is not nil, is shown each drill that is over, with its whole record,
	// while its cluster still stands. What happens there from then on is in no record.
	Ended func(ctx context.Context, r *evidence.Record, h *Held) error
	// Traced takes what an engine with a Trace has recorded.
	Traced func(scenario, arm string, trace []byte) error
}

// Pulse is a drill's state at a glance.
type Pulse struct {
	Elapsed  time.Duration
	Serving  int // workers that answered within the last second
	Workers  int
	Owed     int
	Answered int
	Dropped  int
	Note     string
}

// Deadlines of the steps that have nothing to do with the scenario.
const (
	steadyWithin = 60 * time.Second
	bittenWithin = 90 * time.Second
	steadyFor    = 3 * time.Second
	settleWithin = 30 * time.Second
)

// Do runs the drill. The record comes back whenever a cluster was up, also
// beside an error; without an error it is complete, which does not mean that
// anything recovered.
func (d Drill) Do(ctx context.Context, b Bench) (*evidence.Record, error) {
	r := newRun(d, b)
	if d.Engine.Present() {
		r.beside = r.startEngine
	}
	err := r.do(ctx, r.up, r.steady, r.inject, r.lift, r.recovery, r.soak, r.stopLoad, r.collect, r.ended)
	if r.whole != nil {
		return r.whole, err
	}
	err = errors.Join(err, r.log.end(err))
	return r.log.copy(), err
}

// up starts the observer, the app, the engine and the load, in that order: the
// observer must see the first boot, the engine a cluster that runs.
func (r *run) up(ctx context.Context) error {
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
	if r.drill.App.Neighbour {
		if err := r.site.Cluster.UpNeighbour(ctx); err != nil {
			return err
		}
	}
	if !r.alone() {
		if err := r.site.Cluster.Listens(ctx, r.drill.App.Port); err != nil {
			return err
		}
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

// steady waits until every worker has served without a loss for a while.
func (r *run) steady(ctx context.Context) error {
	r.phase("steady")
	ok, err := r.wait(ctx, steadyWithin, func(e *evidence.Record) (string, bool) {
		now := r.now()
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
	return nil
}

// inject sets the fault off and waits for proof that it has taken effect. A
// cluster that is not steady is not hurt: the record says so by its absence.
func (r *run) inject(ctx context.Context) error {
	if _, steady := r.log.mark(evidence.MarkSteady); r.drill.Fault == nil || !steady {
		return nil
	}
	r.phase("inject")
	if ok, err := r.declared(ctx); err != nil || !ok {
		return err
	}
	if err := r.until(ctx, r.now()+r.jitter()); err != nil {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkInject, Kind: r.drill.Fault.Kind(), Note: fmt.Sprintf("%T%+v", r.drill.Fault, r.drill.Fault)})
	if err := r.drill.Fault.Inject(ctx, r.site); err != nil {
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
	r.phase("fault")
	if err := r.until(ctx, injected.At+r.drill.LiftAfter); err != nil {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkLift})
	if err := r.drill.Fault.Lift(ctx, r.site); err != nil {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkLifted})
	return nil
}

// recovery waits until every worker serves again, or the deadline.
func (r *run) recovery(ctx context.Context) error {
	if _, bitten := r.log.mark(evidence.MarkBitten); !bitten {
		return nil // there is nothing to recover from
	}
	r.phase("recovery")
	inject, _ := r.log.mark(evidence.MarkInject)
	var old []int
	ok, err := r.wait(ctx, r.drill.Recover, func(e *evidence.Record) (string, bool) {
		if old == nil {
			old = e.Serving(inject.At-steadyFor, inject.At)
		}
		now := r.now()
		serving := e.Serving(now-time.Second, now)
		if r.drill.Replace {
			serving = without(serving, old)
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
	r.phase("soak")
	end := r.now() + r.drill.Soak
	if bitten, ok := r.log.mark(evidence.MarkBitten); ok {
		end = max(end, bitten.At+r.drill.Linger)
	}
	return r.until(ctx, end)
}

// stopLoad lets what is in flight end and waits for the generator's tallies.
func (r *run) stopLoad(ctx context.Context) error {
	r.phase("settle")
	r.ending.Store(true)
	if _, err := io.WriteString(r.load.Stdin, "stop\n"); err != nil {
		return fmt.Errorf("cannot stop the load: %w", err)
	}
	ok, err := r.wait(ctx, settleWithin, func(e *evidence.Record) (string, bool) {
		return fmt.Sprintf("%d tallies", len(e.Tallies)), len(e.Tallies) == len(r.drill.Load)+1
	})
	if err == nil && !ok {
		err = fmt.Errorf("cannot settle the load: %d of %d lanes left a tally", len(r.log.copy().Tallies), len(r.drill.Load)+1)
	}
	return err
}

// collect takes what is left of the app's journal, and what the engine has recorded,
// while the container still stands.
func (r *run) collect(ctx context.Context) error {
	r.phase("collect")
	if err := r.readJournal(ctx); err != nil {
		return err
	}
	if err := r.readTrace(ctx); err != nil {
		return err
	}
	r.mark(evidence.Mark{Name: evidence.MarkEnd})
	return nil
}

// jitter is how long after the steady state the fault comes, up to a second:
// repetitions meet the cluster at different points of its heartbeats and the
// engine of its checks. The seed decides.
func (r *run) jitter() time.Duration {
	h := fnv.New64a()
	_, _ = io.WriteString(h, r.drill.Scenario+" "+r.drill.Arm) // a hash's Write never fails
	return time.Duration(rand.New(rand.NewPCG(uint64(r.bench.Seed), h.Sum64())).Int64N(int64(time.Second)))
}

func without(pids, old []int) []int {
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
