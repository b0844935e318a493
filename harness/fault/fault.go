// Package fault holds the ways to hurt a cluster, one file each. A fault is a
// value that carries its own arguments and no state: what it did is read off
// the evidence.
//
//	        Inject            Bitten says yes           Lift
//	idle ----------> injected ---------------> biting ----------> lifted
//	                     \________________________________________^
//	                        Lift is allowed from every state
//
// Bitten only looks. It is a pure function of what the observer saw, so that
// each fault's negative control (nothing was injected: it must say no) is a
// table test. Lift returns once the fault is gone, or says what it last saw.
package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// Fault is something done to a running cluster.
type Fault interface {
	// Kind is evidence.KindFault; evidence.KindRequest when nothing is harmed and
	// work is only asked for (such a fault has Asks too, the capability that an
	// engine needs for it); or evidence.KindDeployment.
	Kind() string
	// Inject starts the fault. It returns when the fault has been set off, which
	// is not yet when it has taken effect.
	Inject(ctx context.Context, at Site) error
	// Bitten looks for proof in the record that the fault has taken effect since
	// its injection, and says what it saw and which processes were hit.
	Bitten(r *evidence.Record) (Bite, bool)
	// Lift ends the fault and waits until it is gone. Lifting a fault that is not
	// there is no error.
	Lift(ctx context.Context, at Site) error
}

// Outside reports whether a fault is done to the host or to PM2's processes, whatever
// app they run: it asks nothing of a fixture.
func Outside(f Fault) bool {
	switch f.(type) {
	case PortTaken, StoppedWorker:
		return true
	}
	return false
}

// Site is where a fault is injected.
type Site struct {
	Cluster *cluster.Cluster
	App     string // PM2's name of the app
	Port    int
	// Ask hands a request to the engine under test; nil when no engine is there
	// to be asked.
	Ask func(ctx context.Context, request engine.Request) error
	// Typed is told of each command that an operator types in the cluster as a part of the fault,
	// and calls back when it has returned; nil where nobody need know.
	Typed func(command string) (returned func())
}

// exec has an operator type a command in the cluster, and waits for it.
func (s Site) exec(ctx context.Context, command ...string) (cluster.Output, error) {
	if s.Typed != nil {
		defer s.Typed(strings.Join(command, " "))()
	}
	return s.Cluster.Exec(ctx, command...)
}

// inject has an order carried out outside the cluster, and waits until it is.
func (s Site) inject(ctx context.Context, o injector.Order) error {
	return s.Cluster.Order(ctx, injector.Name, o)
}

// injectBehind has an order carried out outside the cluster, and waits until it has begun.
func (s Site) injectBehind(ctx context.Context, o injector.Order) error {
	return s.Cluster.OrderBehind(ctx, injector.Name, o)
}

// newSignal returns a signal to the app's first worker.
func (s Site) newSignal(name unix.Signal) *injector.Signal {
	return &injector.Signal{Init: s.Cluster.Init(), Home: cluster.PM2Home, App: s.App, Name: name}
}

// runPM2 runs a command of PM2 that an operator types in the cluster.
func (s Site) runPM2(ctx context.Context, args ...string) error {
	out, err := s.exec(ctx, append([]string{"pm2"}, args...)...)
	if err == nil {
		err = out.Failed()
	}
	return err
}

// typePM2 runs a command that an operator types and whose failure is the operator's
// affair: PM2 refuses to restart a worker that it is just starting ("Process with pid N
// already exists").
func (s Site) typePM2(ctx context.Context, args ...string) error {
	_, err := s.exec(ctx, append([]string{"pm2"}, args...)...)
	if err != nil {
		return fmt.Errorf("cannot run pm2 %v: %w", args, err)
	}
	return nil
}

// reloadBehind has the operator type `pm2 reload` and does not wait for it. What comes of
// it is on record.
func (s Site) reloadBehind(ctx context.Context) {
	go func() { _ = s.runPM2(ctx, "reload", s.App) }()
}

// Bite is the proof that a fault has taken effect.
type Bite struct {
	Note string // what was seen
	PIDs []int  // processes that were hit, if it hits some and not others
}

// findInjection returns when the fault was injected, false if it was not.
func findInjection(r *evidence.Record) (time.Duration, bool) {
	m, ok := r.Mark(evidence.MarkInject)
	return m.At, ok
}

// ignoredFor is how long an engine may take before it replaces the first worker: it
// lets requests of two seconds finish, and boots one that is slow.
const ignoredFor = 30 * time.Second

// isIgnored reports that an engine was asked and has replaced nobody for ignoredFor, with
// a note. What was deployed does no harm then; that nothing came of the request is for
// the promises to judge.
func isIgnored(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok || r.Unaided() || findLatest(r)-t < ignoredFor || countExited(r, t) > 0 {
		return Bite{}, false
	}
	return Bite{Note: fmt.Sprintf("the engine was asked to deploy it, and has replaced nobody in %s", ignoredFor)}, true
}

// countExited counts the workers that served before t and have ended since. Of an app that a
// launcher such as npm has started, PM2's process is the launcher, and its end is the worker's.
func countExited(r *evidence.Record, t time.Duration) int {
	n := 0
	for _, pid := range r.Serving(t-2*time.Second, t) {
		own, known := r.ExitOf(pid)
		above, seen := r.ExitOf(findWorkerOf(r, pid))
		if known && own.At >= t || seen && above.At >= t {
			n++
		}
	}
	return n
}

// findWorkerOf returns PM2's process above one that serves, or that process itself where it is
// PM2's or nobody has seen what is above it.
func findWorkerOf(r *evidence.Record, pid int) int {
	for i := range r.Snapshots {
		for _, w := range r.Snapshots[i].Workers {
			if slices.Contains(w.Under, pid) {
				return w.PID
			}
		}
	}
	return pid
}
