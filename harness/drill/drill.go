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
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/fixtures"
	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/load"
)

// Drill is one arm of a scenario. All fields but Fault, Background, LiftAfter, Left, Replace and Linger are required.
type Drill struct {
	Scenario string
	Arm      string      // evidence.ArmHealthy, ...
	App      App         // what runs
	Load     []load.Lane // what it must serve
	Fault    fault.Fault // nil where nothing happens, as in a healthy arm
	// Background goes on from the steady state on; the zero value is none.
	Background fault.Background
	LiftAfter  time.Duration // from injection to lift; 0 leaves the fault until the end
	Left       int           // workers that the fault leaves on purpose; 0 for all
	Pause      time.Duration // how long a worker may be silent before anything is wrong, as the decoy shows; 0 for unknown
	Replace    bool          // recovery needs new processes, not only serving ones
	Recover    time.Duration // how long the drill waits for recovery after the fault's end
	Linger     time.Duration // from the bite to the end at least, for what shows late
	Soak       time.Duration // how long it goes on watching afterwards
	Engine     Engine
	Varied     []evidence.Choice // in what the app differs from the scenario's; nil of the catalogue's
	// Definition is kept with the evidence, so that a scenario which is not of the
	// catalogue can be judged again; "" of those.
	Definition string
}

// App is a fixture, a folder under fixtures/node-apps, or an app from outside.
type App struct {
	Name    string       // PM2's name of it
	Fixture string       // name of its folder
	Own     *cluster.Own // from outside, instead of a fixture; nil for a fixture
	Workers int
	// Settings are laid over those of its ecosystem file; nil for none.
	Settings map[string]any
	Port     int            // inside the container
	Health   string         // path of its health URL, with a query, which engines get; "" for /healthz
	Limits   cluster.Limits // of its container
	Server   cluster.Server // the database server it needs, "" for none
	Words    string         // what a fixture says of an error of its server's client, "" for what that says
	Job      bool           // it has a scheduled job, which leaves a row for each run in PostgreSQL
}

// URL is the app's health URL, inside the container.
func (a App) URL() string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", a.Port, cmp.Or(a.Health, "/healthz"))
}

// Bench is what drills share: where they run and who watches.
type Bench struct {
	Run    string // id of the run
	Seed   int64
	Docker *cluster.Docker
	Host   string // address of Docker's host among several, "" for the only one
	Images cluster.Images
	Secret uint64 // of which ids and paths are made that a process in a cluster must not guess
	Apps   *fixtures.Bundle
	Binary string // static Linux pm2drill, copied into the container
	// Keep opens the file in which a drill's evidence is kept while it runs; nil where
	// it is not to outlive the process.
	Keep    func() (io.WriteCloser, error)
	Clean   func(string) string         // takes the app's secrets out of a text that is kept; nil of an app that has none
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

// Do runs the drill. The record comes back whenever a cluster was up, also
// beside an error; without an error it is complete, which does not mean that
// anything recovered.
func (d Drill) Do(ctx context.Context, b Bench) (*evidence.Record, error) {
	r := newRun(d, b)
	if d.Engine.Present() {
		r.beside = r.startEngine
	}
	err := r.do(ctx, r.startAll, r.waitForSteady, r.inject, r.lift, r.waitForRecovery, r.soak, r.stopLoad, r.collect, r.reportEnd)
	if r.whole != nil {
		return r.whole, err
	}
	err = errors.Join(err, r.log.end(err))
	return r.log.copy(), err
}
