package plan

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestNoCauseOfWhatIsOver: deaths without a cause open no incident right after one that has told of them
// has ended, as was seen with a file that was missing. The next death opens one, of whichever worker.
func TestNoCauseOfWhatIsOver(t *testing.T) {
	unclear := diagnose.Diagnosis{Cause: engine.Undetermined, Subject: "workers", IDs: []int{0, 1}, Dying: []int{0, 1}}
	restarts := diagnose.Diagnosis{Cause: engine.Undetermined, Symptom: engine.RestartLoop, Subject: "restarts", IDs: []int{0, 1}, Severity: diagnose.Partial}
	up := []observe.Worker{{ID: 0, Status: "online", PID: 7, Alive: true}, {ID: 1, Status: "online", PID: 8, Alive: true}}
	for _, c := range []struct {
		name   string
		ended  bool
		events []observe.Event
		want   int
	}{
		{"an incident has ended", true, nil, 0},
		{"and one has died again", true, []observe.Event{{Kind: observe.KindExit, ID: 1}}, 1},
		{"no incident has told of them", false, nil, 1},
	} {
		o := observe.Observation{At: time.Minute, Daemon: observe.Daemon{Alive: true}, Workers: up}
		d := decider{s: NewState(nil), o: o, limits: DefaultLimits()}
		if c.ended {
			d.finish(&Incident{Diagnosis: diagnose.Diagnosis{Cause: engine.FileMissing}, IDs: []int{0}}, nil)
		}
		o.At, o.Events = o.At+time.Second, c.events
		for _, f := range []diagnose.Diagnosis{unclear, restarts} {
			_, all := Decide(d.s, o, []diagnose.Diagnosis{f}, DefaultLimits())
			n := 0
			for _, x := range all {
				if x.Kind == Detect {
					n++
				}
			}
			if n != c.want {
				t.Errorf("%s: %d incidents of %s, want %d", c.name, n, f.Subject, c.want)
			}
		}
	}
}
