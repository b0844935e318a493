package plan

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestRefusedStopsWait: where no stop can be done, since the disk is full or PM2 does not do it, it is
// tried a few times a minute, not at each look, and the budget lasts.
func TestRefusedStopsWait(t *testing.T) {
	s, tries := NewState(nil), []time.Duration{}
	var deeds []observe.ActionEvent
	for at := time.Second; at < 3*time.Minute; at += time.Second / 4 {
		w := observe.Worker{ID: 0, Status: "waiting restart"}
		o := observe.Observation{At: at, Daemon: observe.Daemon{PID: 100, Alive: true}, Actions: deeds, Workers: []observe.Worker{w}}
		deeds = nil
		f := diagnose.Diagnosis{Cause: engine.PortForeign, Subject: "port 3000", IDs: []int{0}, Dying: []int{0}}
		var all []Decision
		s, all = Decide(s, o, []diagnose.Diagnosis{f}, DefaultLimits())
		for _, d := range all {
			if d.Kind == Act && d.Action == engine.ActionStop {
				tries = append(tries, at)
				deeds = append(deeds,
					observe.ActionEvent{At: at, Action: d.Action, Phase: engine.PhaseBegin, ID: d.ID},
					observe.ActionEvent{At: at, Action: d.Action, Phase: engine.PhaseFailed, ID: d.ID, Error: "no space left on device"})
			}
		}
	}
	if len(tries) < 4 || len(tries) > 8 || tries[1]-tries[0] < refusedFirst {
		t.Errorf("tried at %v", tries)
	}
}
