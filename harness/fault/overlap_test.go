package fault

import (
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// outage has every worker answer with an error from 11 s on, quickly; the silent one nothing,
// and the slow one slowly. 0 is for none.
func outage(mute, slowly int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		for i := range r.Requests {
			q := &r.Requests[i]
			if q.Done <= 11*second {
				continue
			}
			q.Class, q.Status, q.Sent, q.Due = evidence.WrongStatus, 503, q.Done-2*time.Millisecond, q.Done-2*time.Millisecond
			switch q.PID {
			case mute:
				q.PID, q.Class = 0, evidence.TimedOut
			case slowly:
				q.Due -= 90 * time.Millisecond
			}
		}
	}
}

// update has PM2's daemon be another one from 12 s on, with worker 3 stopped, and workers
// 201 to 203 that serve, but for the silent one from 15 s on.
func update(mute int) func(*evidence.Record) {
	return func(r *evidence.Record) {
		gone(r, 101, 102, 103, 104)
		r.Snapshots = append([]evidence.Snapshot{{At: 5 * second, Daemon: 50}}, evidence.Snapshot{At: 19 * second, Daemon: 60, Workers: []evidence.Worker{
			{ID: 0, PID: 201, Alive: true}, {ID: 1, PID: 202, Alive: true}, {ID: 2, PID: 203, Alive: true}, {ID: 3, Status: "stopped"},
		}})
		for i := range r.Requests {
			q := &r.Requests[i]
			if q.Done <= 12*second {
				continue
			}
			if q.PID += 100; q.PID == 204 || q.PID == mute && q.Done > 15*second {
				q.PID = 201
				if mute == 201 {
					q.PID = 202
				}
			}
		}
	}
}

// taken has a stranger listen on the port, workers die of it, and worker 3 be in that state.
func taken(status string) func(*evidence.Record) {
	return func(r *evidence.Record) {
		complain(r)
		r.Snapshots = []evidence.Snapshot{{At: 19 * second, Daemon: 50, Workers: []evidence.Worker{{ID: 3, Status: status}},
			Listeners: []evidence.Listener{{PID: 77, Command: "node", Port: 3000}}}}
	}
}

func says(words string) func(*evidence.Record) {
	return func(r *evidence.Record) {
		r.Events = append(r.Events, evidence.Event{At: 12 * second, Topic: "log:out", Text: words})
	}
}

func aided(r *evidence.Record) { r.Header.Arm = evidence.ArmEngine }

func all(edits ...func(*evidence.Record)) func(*evidence.Record) {
	return func(r *evidence.Record) {
		for _, edit := range edits {
			edit(r)
		}
	}
}

// TestBittenByTwo: where two things are done, the one alone is no bite, and neither is
// anything that was there before the injection.
func TestBittenByTwo(t *testing.T) {
	poisoned := PoisonedRoll{Poison: PoisonRequests{Says: "EADDRINUSE", Kills: true}}
	for _, c := range []struct {
		name string
		f    Fault
		edit func(*evidence.Record)
		want bool
	}{
		{"outage and stall", OutageBeside{}, outage(102, 0), true},
		{"outage alone", OutageBeside{}, outage(0, 0), false},
		{"stall alone", OutageBeside{}, func(r *evidence.Record) { silent(r, 102) }, false},
		{"outage and hot worker", OutageBeside{Burn: true}, outage(0, 102), true},
		{"outage, and nobody is hot", OutageBeside{Burn: true}, outage(0, 0), false},
		{"poison in a roll", poisoned, complain, true},
		{"a roll alone", poisoned, aided, false},
		{"a leak in a roll", LeakingRoll{}, all(aided, says("the import begins")), true},
		{"a roll, and nobody leaks", LeakingRoll{}, aided, false},
		{"a leak, and nobody rolls", LeakingRoll{}, says("the import begins"), false},
		{"daemon and stopped worker", RestartedDaemon{Stop: 3}, update(202), true},
		{"daemon alone", RestartedDaemon{Stop: 3}, update(0), false},
		{"stopped worker alone", RestartedDaemon{Stop: 3}, func(r *evidence.Record) { silent(r, 102) }, false},
		{"port and operator", ContradictingOperator{Stop: 3}, taken("stopped"), true},
		{"port alone", ContradictingOperator{Stop: 3}, taken("waiting restart"), false},
		{"port in a deployment", PortTakenInDeploy{}, taken("online"), true},
		{"a deployment alone", PortTakenInDeploy{}, func(*evidence.Record) {}, false},
		{"a server that flaps", FlappingDependency{}, func(r *evidence.Record) { gone(r, 101, 102, 103, 104) }, true},
		{"nothing flaps", FlappingDependency{}, func(*evidence.Record) {}, false},
	} {
		r := calm()
		c.edit(r)
		if bite, ok := c.f.Bitten(r); ok {
			t.Errorf("%s: it bites before it was injected: %s", c.name, bite.Note)
		}
		inject(r)
		if bite, ok := c.f.Bitten(r); ok != c.want {
			t.Errorf("%s: bites: %v, want %v: %s", c.name, ok, c.want, bite.Note)
		}
	}
}
