package plan

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// triesOf lets the engine look at one stopped worker for span, and returns when it begins to
// start it.
func triesOf(t *testing.T, cause engine.Cause, lasts bool, span time.Duration) []time.Duration {
	t.Helper()
	s, limits := NewState(map[int]engine.Cause{0: cause}), DefaultLimits()
	var tries []time.Duration
	var deeds []observe.ActionEvent
	for at := time.Second; at < span; at += time.Second / 2 {
		o := observe.Observation{At: at, Daemon: observe.Daemon{PID: 100, Alive: true}, Actions: deeds, Workers: []observe.Worker{{ID: 0, Status: "stopped"}}}
		deeds = nil
		var decisions []Decision
		s, decisions = Decide(s, o, nil, limits)
		for i := range s.Incidents {
			s.Incidents[i].Diagnosis.Lasts = lasts
		}
		for _, d := range decisions {
			if d.Kind != Act || d.Action != engine.ActionRestart {
				continue
			}
			tries = append(tries, at)
			deeds = []observe.ActionEvent{
				{At: at, Action: d.Action, Phase: engine.PhaseBegin}, {At: at, Action: d.Action, Phase: engine.PhaseDone},
				{At: at, Action: engine.ActionStop, Phase: engine.PhaseBegin}, {At: at, Action: engine.ActionStop, Phase: engine.PhaseDone},
			}
		}
	}
	return tries
}

// TestEveryStopIsALoan: whatever a worker was stopped for, also by an earlier run, it is
// tried again for ever, soon at first, never later than RetryMax and a look after the last
// trial, and no budget ends that.
func TestEveryStopIsALoan(t *testing.T) {
	limits := DefaultLimits()
	for cause := range treatments {
		tries := triesOf(t, cause, false, time.Hour)
		if len(tries) < 50 {
			t.Errorf("%s: %d trials in an hour", cause, len(tries))
			continue
		}
		last := time.Duration(0)
		for _, at := range tries {
			if wait := at - last; wait > limits.RetryMax+5*time.Second {
				t.Errorf("%s: no trial from %s to %s", cause, last, at)
			}
			last = at
		}
	}
	if tries := triesOf(t, engine.BootCrash, false, time.Minute); len(tries) < 4 || tries[0] > 5*time.Second {
		t.Errorf("a boot crash is tried at %v in the first minute", tries)
	}
	if tries := triesOf(t, engine.BootCrash, true, time.Hour); len(tries) < 55 {
		t.Errorf("a boot crash that lasts is tried %d times in an hour", len(tries))
	}
	last := 0 * time.Second
	for _, at := range triesOf(t, engine.BootCrash, false, 10*time.Minute) {
		if wait := at - last; wait > min(last/3, limits.LoanMax)+3*time.Second {
			t.Errorf("a boot crash that may be over is not tried from %s to %s", last, at)
		}
		last = at
	}
}
