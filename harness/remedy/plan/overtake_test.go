package plan

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestCausesInTurn: a worker that dies of two causes in turn has one incident, which people are
// told of ever more rarely.
func TestCausesInTurn(t *testing.T) {
	s, raised, resolved := NewState(nil), 0, 0
	for at := time.Duration(0); at < 10*time.Minute; at += time.Second {
		f := diagnose.Diagnosis{Cause: engine.FileMissing, Subject: "file", IDs: []int{0}, Passes: true}
		if at/(15*time.Second)%2 == 1 {
			f = diagnose.Diagnosis{Cause: engine.BootCrash, Subject: "Error: no price", IDs: []int{0}}
		}
		o := observe.Observation{At: at, Daemon: observe.Daemon{PID: 1, Alive: true}, Workers: []observe.Worker{{ID: 0, Status: "waiting restart"}}}
		var out []Decision
		s, out = Decide(s, o, []diagnose.Diagnosis{f}, DefaultLimits())
		for _, d := range out {
			switch d.Kind {
			case Raise:
				raised++
			case Resolve:
				resolved++
			}
		}
		if len(s.Incidents) != 1 {
			t.Fatalf("%s: %d incidents", at, len(s.Incidents))
		}
	}
	if raised < 2 || raised > 4 || resolved != raised-1 {
		t.Errorf("people are told %d times, and %d times that it is over", raised, resolved)
	}
}
