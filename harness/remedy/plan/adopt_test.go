package plan

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestStoppedFor: what a worker was stopped for is the cause of the incident that stops
// workers, not of one in which its process was killed a little before.
func TestStoppedFor(t *testing.T) {
	s := State{Incidents: []Incident{
		{Diagnosis: diagnose.Diagnosis{Cause: engine.StoppedProcess}, IDs: []int{1}},
		{Diagnosis: diagnose.Diagnosis{Cause: engine.DependencyOutage}, IDs: []int{0, 1}},
	}}
	for id, want := range map[int]engine.Cause{0: engine.DependencyOutage, 1: engine.DependencyOutage, 2: engine.Undetermined} {
		if got := s.findCause(id); got != want {
			t.Errorf("worker %d was stopped for %s, want %s", id, got, want)
		}
	}
}

// TestHeld: who is held by the engine, and who is an operator's. PM2's command says on the bus
// what it did when it has done it (API.js), and the engine may have stopped the worker meanwhile.
func TestHeld(t *testing.T) {
	stop := func(phase string) []observe.ActionEvent {
		return []observe.ActionEvent{{Action: engine.ActionStop, Phase: phase, ID: 1}}
	}
	asked := func(command string) []observe.Event {
		return []observe.Event{{Kind: observe.KindAsked, ID: 1, Text: command}}
	}
	down, up := observe.Worker{ID: 1, Status: "stopped"}, observe.Worker{ID: 1, Status: "online", PID: 7, Alive: true}
	ending := observe.Worker{ID: 1, Status: "stopping", PID: 7, Alive: true}
	for _, c := range []struct {
		name string
		look observe.Observation
		want bool
	}{
		{"nothing has happened", observe.Observation{Workers: []observe.Worker{down}}, true},
		{"a restart from before the stop is heard late", observe.Observation{Workers: []observe.Worker{down}, Events: asked("restart")}, true},
		{"a reload from before the stop is heard late", observe.Observation{Workers: []observe.Worker{down}, Events: asked("reload")}, true},
		{"an operator has restarted it", observe.Observation{Workers: []observe.Worker{up}, Events: asked("restart")}, false},
		{"an operator has stopped it too", observe.Observation{Workers: []observe.Worker{down}, Events: asked("stop")}, false},
		{"somebody has started it", observe.Observation{Workers: []observe.Worker{up}}, false},
		{"an operator stops it while the engine does", observe.Observation{Workers: []observe.Worker{down}, Actions: stop(engine.PhaseDone), Events: asked("stop")}, false},
		{"PM2 has not answered, and has stopped it", observe.Observation{Workers: []observe.Worker{down}, Actions: stop(engine.PhaseFailed)}, true},
		{"PM2 has not answered, and goes on stopping it", observe.Observation{Workers: []observe.Worker{ending}, Actions: stop(engine.PhaseFailed)}, true},
		{"PM2 has not stopped it", observe.Observation{Workers: []observe.Worker{up}, Actions: stop(engine.PhaseFailed)}, false},
	} {
		s := NewState(map[int]engine.Cause{1: engine.PortForeign})
		if len(c.look.Actions) > 0 {
			s = NewState(nil)
			s.Busy[1] = engine.ActionStop
		}
		c.look.At, c.look.Daemon.Alive = time.Minute, true
		if first := c.look; len(first.Events) > 0 && len(first.Actions) > 0 { // the operator's is heard first
			first.Actions = nil
			s = s.Absorb(first, DefaultLimits())
			c.look.Events = nil
		}
		s = s.Absorb(c.look, DefaultLimits())
		if _, held := s.Held[1]; held != c.want {
			t.Errorf("%s: held %v, want %v", c.name, held, c.want)
		}
	}
}
