package drill

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pm2drill/pm2drill/fixtures"
	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
)

// run is a drill under way.
type run struct {
	drill    Drill
	bench    Bench
	layout   cluster.Layout // of a fixture
	log      *log
	site     fault.Site
	observer *cluster.Stream
	engine   *cluster.Stream // nil for a bystander
	load     *cluster.Stream
	runs     *cluster.Stream // of the app's job; nil without one
	name     string          // of the phase
	booted   func()          // lets the next cluster boot
	readers  sync.WaitGroup
	ending   atomic.Bool                 // the agents may end now
	left     sync.Map                    // streams that were ended on purpose, while the drill goes on
	whole    *evidence.Record            // of a drill that is over while its cluster stands; nil before
	held     bool                        // nobody judges, and an engine comes later, if it comes
	beside   func(context.Context) error // starts what looks after the app, or looks at it; nil for nothing
	lost     bool                        // there is no cluster any more

	mu     sync.Mutex
	failed error // first trouble of a reader
}

func newRun(d Drill, b Bench) *run {
	r := &run{drill: d, bench: b, log: newLog()}
	r.log.clean = b.Clean
	if d.App.Own == nil {
		seed := uint64(b.Seed)
		r.layout = cluster.Draw(rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(b.Secret, seed)), fixtures.Controls())
	}
	return r
}

// do takes the steps on a cluster of the drill's own, and removes it.
func (r *run) do(ctx context.Context, steps ...func(context.Context) error) (err error) {
	r.enterPhase("queue")
	r.bench.Boot.Lock()
	r.booted = sync.OnceFunc(r.bench.Boot.Unlock)
	defer r.booted()
	r.enterPhase("start")
	c, err := r.bench.Docker.Start(ctx, r.buildSpec())
	if err != nil {
		return err
	}
	r.site = fault.Site{Cluster: c, App: r.drill.App.Name, Port: r.drill.App.Port, Typed: r.typed}
	defer func() {
		// Tearing down must not be cut short by the interrupt that caused it.
		tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
		defer cancel()
		r.ending.Store(true)
		var early error
		if ctx.Err() != nil {
			early = c.Close(tidy) // somebody waits: the agents' last words are for nobody
		}
		trouble := errors.Join(early, r.stopAgents(tidy), c.Close(tidy))
		if !r.lost {
			err = errors.Join(err, trouble) // else it is the same trouble, and the reaper's
		}
	}()
	live, over := context.WithCancel(ctx)
	defer over() // which ends what goes on in the background
	for _, step := range steps {
		if err := step(live); err != nil {
			err = r.explain(ctx, err)
			r.blame(ctx, err)
			return err
		}
	}
	return nil
}

// explain says why a step has failed if there is no cluster any more: what the step
// makes of that would mislead.
func (r *run) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if gone := r.site.Cluster.Lost(ctx); gone != nil {
		r.lost = true
		return gone
	}
	return err
}

// blame marks that a process of the harness's own has ended, or answers nothing, while an
// engine ran: where none ran it does not, which a twin shows.
func (r *run) blame(ctx context.Context, err error) {
	var engine EngineError
	_, hindered := r.log.mark(evidence.MarkHindered)
	if r.engine == nil || r.lost || hindered || ctx.Err() != nil || errors.As(err, &engine) {
		return
	}
	kind := evidence.KindLate
	if r.getFailure() != nil {
		kind = evidence.KindEnded
	}
	r.mark(evidence.Mark{Name: evidence.MarkStopped, Kind: kind, Note: err.Error()})
}

// isUnharmed reports whether nothing is done to the app, which is held to fail by itself.
func (r *run) isUnharmed() bool { return r.held && r.drill.Fault == nil }

// readClock returns the time of the record's clock: CLOCK_MONOTONIC of the containers'
// kernel.
func (r *run) readClock() time.Duration { return r.site.Cluster.Now() }

// buildSpec returns the cluster that this drill needs.
func (r *run) buildSpec() cluster.Spec {
	return cluster.Spec{
		Run: r.bench.Run, Images: r.bench.Images, Apps: r.bench.Apps, App: r.drill.App.Fixture, Layout: r.layout, Own: r.drill.App.Own, Limits: r.drill.App.Limits, Settings: r.drill.App.Settings,
		Server: r.drill.App.Server, Binary: r.bench.Binary, Engine: r.drill.Engine.Files, OnPath: r.held || r.drill.Engine.isReference(), Shared: r.drill.Engine.Image != "",
	}
}

func (r *run) enterPhase(name string) {
	r.name = name
	r.pulse("")
}

// pulse tells whoever watches what goes on.
func (r *run) pulse(note string) {
	p := Pulse{Workers: r.drill.App.Workers}
	if r.site.Cluster != nil {
		p = r.log.pulse(r.readClock())
	}
	p.Note = note
	r.bench.Watch(r.name, p)
}

func (r *run) mark(m evidence.Mark) {
	m.At = r.readClock()
	r.log.add(evidence.Line{Mark: &m})
}

// typed marks when an operator types a command, and when it has returned.
func (r *run) typed(command string) (returned func()) {
	r.mark(evidence.Mark{Name: evidence.MarkTyped, Note: command})
	return func() { r.mark(evidence.Mark{Name: evidence.MarkReturned, Note: command}) }
}

// begin opens the record.
func (r *run) begin() error {
	if r.bench.Keep != nil {
		file, err := r.bench.Keep()
		if err != nil {
			return fmt.Errorf("cannot keep the evidence: %w", err)
		}
		r.log.file = evidence.Append(file, r.fail)
	}
	r.log.add(evidence.Line{Header: r.buildHeader()})
	return nil
}

func (r *run) buildHeader() *evidence.Header {
	h := &evidence.Header{
		Format: evidence.Format, Program: r.bench.Version, Run: r.bench.Run, Scenario: r.drill.Scenario, Arm: r.drill.Arm, Seed: r.bench.Seed,
		Wall: time.Now(), Start: r.readClock(), App: r.drill.App.Name, Workers: r.drill.App.Workers, Left: r.drill.Left, Calm: r.drill.Fault == nil,
		Port: r.drill.App.Port, Engine: r.drill.Engine.Name, Image: r.bench.Images.Node,
		PM2: r.bench.Images.PM2Version, Node: r.bench.Images.NodeVersion,
		Command: r.bench.Command(r.drill.Scenario, r.drill.Arm, r.bench.Seed),
	}
	h.Host = r.bench.Host
	h.Definition, h.Pause, h.Varied = r.drill.Definition, r.drill.Pause, r.drill.Varied
	if r.drill.App.Own == nil {
		h.Drawn = r.layout.Readable()
		h.Drawn[r.layout.Dir()+"/"+r.layout.Script] = "the app " + r.drill.App.Fixture
	}
	if r.drill.Background.Deploy > 0 {
		h.Restless = []string{r.layout.Other}
	}
	h.Watches = []string{evidence.WatchTree, evidence.WatchEngine, evidence.WatchTerms, evidence.WatchPrivate}
	if len(r.listWatchedFiles()) > 0 {
		h.Watches = append(h.Watches, evidence.WatchFiles)
	}
	for _, l := range r.drill.Load {
		if l.Kind.Stays() {
			continue
		}
		h.Lanes = append(h.Lanes, evidence.LaneSpec{Lane: l.Name, Rate: l.Rate, Timeout: l.Timeout})
	}
	return h
}

// look is how often a wait looks at the record. Waits end on what is seen; the
// ticker only says when to look.
const look = 100 * time.Millisecond

// wait looks at the record until seen says yes or the time is up; the note of
// its last look goes to whoever watches.
func (r *run) wait(ctx context.Context, within time.Duration, seen func(*evidence.Record) (string, bool)) (bool, error) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	deadline := r.readClock() + within
	for {
		var note string
		var ok bool
		r.log.look(func(e *evidence.Record) { note, ok = seen(e) })
		r.pulse(note)
		if err := r.getFailure(); err != nil {
			return false, err
		}
		if ok || r.readClock() > deadline {
			return ok, nil
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// waitUntil watches until the record's clock reads t.
func (r *run) waitUntil(ctx context.Context, t time.Duration) error {
	_, err := r.wait(ctx, t-r.readClock(), func(*evidence.Record) (string, bool) { return "", r.readClock() >= t })
	return err
}

func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed = err
	}
}

func (r *run) getFailure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}
