package plan

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// TestYield: a worker that an operator has stopped while the engine was starting it is stopped
// again, once, and is not held; one that somebody has started since is left alone.
func TestYield(t *testing.T) {
	up := observe.Worker{ID: 1, Status: "online", PID: 7, Alive: true}
	down := observe.Worker{ID: 1, Status: "stopped"}
	crashed := observe.Worker{ID: 1, Status: "waiting restart", PID: 7}
	asked := func(command string) observe.Event {
		return observe.Event{Kind: observe.KindAsked, ID: 1, Text: command}
	}
	ended := func(action string) []observe.ActionEvent {
		return []observe.ActionEvent{{Action: action, Phase: engine.PhaseDone, ID: 1}}
	}
	type look = observe.Observation
	for _, c := range []struct {
		name  string
		busy  string
		looks []look
		want  int // stops
	}{
		{"nobody has stopped it", engine.ActionRestart, []look{{Actions: ended(engine.ActionRestart)}, {Workers: []observe.Worker{up}}}, 0},
		{"stopped within the restart", engine.ActionRestart, []look{{Events: []observe.Event{asked("stop")}}, {Actions: ended(engine.ActionRestart)}, {Workers: []observe.Worker{up}}}, 1},
		{"both are heard at once", engine.ActionRestart, []look{{Events: []observe.Event{asked("stop")}, Actions: ended(engine.ActionRestart)}, {Workers: []observe.Worker{up}}}, 1},
		{"heard just after the end", engine.ActionRestart, []look{{Actions: ended(engine.ActionRestart)}, {Workers: []observe.Worker{up}, Events: []observe.Event{asked("stop")}}, {Workers: []observe.Worker{up}}}, 1},
		{"heard long after the end", engine.ActionRestart, []look{{Actions: ended(engine.ActionRestart)}, {At: time.Hour, Workers: []observe.Worker{up}, Events: []observe.Event{asked("stop")}}, {At: time.Hour, Workers: []observe.Worker{up}}}, 0},
		{"stopped within a replacement", engine.ActionReplace, []look{{Events: []observe.Event{asked("stop")}}, {Actions: ended(engine.ActionReplace)}, {Workers: []observe.Worker{up}}}, 1},
		{"it crashes, and PM2 would start it again", engine.ActionRestart, []look{{Events: []observe.Event{asked("stop")}}, {Actions: ended(engine.ActionRestart)}, {Workers: []observe.Worker{crashed}}}, 1},
		{"the stop came last", engine.ActionRestart, []look{{Events: []observe.Event{asked("stop")}}, {Actions: ended(engine.ActionRestart)}, {Workers: []observe.Worker{down}}}, 0},
		{"the operator has restarted it since", engine.ActionRestart, []look{{Events: []observe.Event{asked("stop"), asked("restart")}}, {Actions: ended(engine.ActionRestart)}, {Workers: []observe.Worker{up}}}, 0},
		{"the kill switch is on", engine.ActionRestart, []look{{Events: []observe.Event{asked("stop")}}, {Actions: ended(engine.ActionRestart)}, {Workers: []observe.Worker{up}, Paused: true}}, 0},
		{"deleted", engine.ActionRestart, []look{{Events: []observe.Event{asked("delete")}}, {Actions: ended(engine.ActionRestart)}, {}}, 0},
	} {
		s := NewState(map[int]engine.Cause{1: engine.PortForeign})
		s.Busy[1] = c.busy
		stops := 0
		for i, o := range c.looks {
			o.At += time.Minute + time.Duration(i)*time.Second
			o.Daemon.Alive = true
			if o.Workers == nil && i < len(c.looks)-1 {
				o.Workers = []observe.Worker{down} // PM2's list is older than what is heard
			}
			var all []Decision
			s, all = Decide(s, o, nil, DefaultLimits())
			for _, d := range all {
				if d.Kind == Act && d.Action == engine.ActionStop {
					stops++
					if !d.Yields || d.ID != 1 || d.PID != 7 {
						t.Errorf("%s: %+v", c.name, d)
					}
				}
			}
		}
		if stops != c.want {
			t.Errorf("%s: %d stops, want %d", c.name, stops, c.want)
		}
		last := observe.Observation{At: 2 * time.Hour, Daemon: observe.Daemon{Alive: true}, Workers: []observe.Worker{down}, Actions: []observe.ActionEvent{{Action: engine.ActionStop, Phase: engine.PhaseDone, ID: 1}}}
		if s, _ = Decide(s, last, nil, DefaultLimits()); c.want > 0 && len(s.Held) > 0 {
			t.Errorf("%s: it is held: %v", c.name, s.Held)
		}
	}
}
