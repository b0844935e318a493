package plan

import (
	"slices"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestSymptomsAreToldInTime: each after its deadline and not before, once, and nothing is
// done about it, nor does it hold up what an operator asks for.
func TestSymptomsAreToldInTime(t *testing.T) {
	limits := DefaultLimits()
	for severity, want := range map[diagnose.Severity]time.Duration{
		diagnose.Total: limits.Outage - observe.SlowLook - 2*observe.FastLook, diagnose.Degraded: 2 * limits.Outage, diagnose.Partial: 3 * limits.Outage,
	} {
		s, told := NewState(nil), []time.Duration{}
		for at := time.Duration(0); at <= 4*limits.Outage; at += observe.FastLook {
			o := observe.Observation{At: at, Daemon: observe.Daemon{PID: 1, Alive: true}, Workers: []observe.Worker{{ID: 0, PID: 7, Alive: true, Status: "online"}}}
			f := diagnose.Diagnosis{Cause: engine.Undetermined, Symptom: engine.NoService, Subject: "service", Severity: severity, IDs: []int{0}}
			var out []Decision
			s, out = Decide(s, o, []diagnose.Diagnosis{f}, limits)
			for _, d := range out {
				if d.Kind == Raise {
					told = append(told, at)
				} else if d.Kind != Detect {
					t.Errorf("severity %d, %s: it decides %+v", severity, at, d)
				}
			}
			if len(s.ListEngaged()) > 0 {
				t.Errorf("severity %d, %s: it is engaged in %v", severity, at, s.ListEngaged())
			}
		}
		if !slices.Equal(told, []time.Duration{want}) {
			t.Errorf("severity %d is told after %v, want %s", severity, told, want)
		}
	}
}

// TestACauseIsEnough: who was told of a cause is told of no symptom of the same workers, and
// of one of others.
func TestACauseIsEnough(t *testing.T) {
	for _, c := range []struct {
		name    string
		cause   engine.Cause
		ids     []int
		symptom []int
		told    bool
	}{
		{"the same workers", engine.DependencyOutage, []int{0, 1}, []int{0, 1}, false},
		{"half of them", engine.DependencyOutage, []int{0}, []int{0, 1}, false},
		{"others", engine.StoppedProcess, []int{0}, []int{1}, true},
		{"of all, where one is stopped", engine.StoppedProcess, []int{0}, []int{0, 1, 2}, true},
		{"a cause that hurts nobody", engine.EverybodyLeads, []int{0, 1}, []int{0, 1}, true},
		{"the daemon is dead", engine.DaemonDead, nil, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := Incident{Diagnosis: diagnose.Diagnosis{Cause: c.cause}, IDs: c.ids}
			if explained := in.explains(diagnose.Diagnosis{Symptom: engine.NoService, IDs: c.symptom}); explained == c.told {
				t.Errorf("the cause explains the symptom: %v", explained)
			}
		})
	}
}

// TestTheMoreTellingSymptomIsTold: of two of one severity that are found at once, the first, which
// says why: workers that wait for a core answer late, too.
func TestTheMoreTellingSymptomIsTold(t *testing.T) {
	limits := DefaultLimits()
	s, told := NewState(nil), []engine.Symptom{}
	for at := time.Duration(0); at <= 4*limits.Outage; at += time.Second {
		o := observe.Observation{At: at, Daemon: observe.Daemon{PID: 1, Alive: true}, Workers: []observe.Worker{{ID: 0, PID: 7, Alive: true, Status: "online"}}}
		f := diagnose.Diagnosis{Cause: engine.Undetermined, Symptom: engine.Starved, Subject: "service", Severity: diagnose.Degraded, IDs: []int{0}}
		slow := f
		slow.Symptom = engine.HealthSlow
		var out []Decision
		s, out = Decide(s, o, []diagnose.Diagnosis{f, slow}, limits)
		for _, d := range out {
			if d.Kind == Raise {
				told = append(told, d.Diagnosis.Symptom)
			}
		}
	}
	if !slices.Equal(told, []engine.Symptom{engine.Starved}) {
		t.Errorf("people are told of %v", told)
	}
}
