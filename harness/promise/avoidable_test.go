package promise

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// stalled is a fault that silences worker 0 without a word on the bus; the floor of
// detection is a heartbeat, or the pause that the decoy allows.
func stalled(pause float64) history {
	h := faulted().silence(10, 99, 101, 102)
	h.Marks[3].PIDs = []int{101}
	h.Header.Pause = sec(pause)
	return h
}

// with is a lost request that a worker had.
func (h history) with(t float64, pid int) history { return begun(h.drop(t, evidence.TimedOut), pid) }

func TestAvoidable(t *testing.T) {
	for _, c := range []struct {
		name   string
		record func() history
		hard   bool // only a person can end it
		want   int
	}{
		{"none lost", func() history { return stalled(0) }, false, 0},
		{"before anybody could know", func() history { return stalled(0).with(10.9, 101) }, false, 0},
		{"when it could be known", func() history { return stalled(0).with(11.1, 101) }, false, 1},
		{"within the pause that the decoy allows", func() history { return stalled(2).with(11.1, 101) }, false, 0},
		{"after that pause", func() history { return stalled(2).with(11.1, 101).with(12.1, 101).with(18, 101) }, false, 2},
		{"by the engine, at any time", func() history {
			return begun(stalled(2).act(10.4, "kill", 1, 102).killed(10.5, 1, 102, "SIGKILL").drop(10.4, evidence.Reset), 102)
		}, false, 1},
		{"by the engine, where only a person can help", func() history {
			return begun(stalled(2).act(12.4, "kill", 1, 102).killed(12.5, 1, 102, "SIGKILL").drop(12.4, evidence.Reset), 102)
		}, true, 1},
		{"by the fault, where only a person can help", func() history { return stalled(0).with(20, 101) }, true, 0},
		{"before the injection", func() history { return stalled(0).drop(8, evidence.Reset) }, false, 0},
		{"with no engine", func() history { return control(stalled(0).with(18, 101)) }, false, 0},
		{"before the fault was lifted", func() history { return stalled(0).lifted(20).with(18, 101) }, false, 0},
		{"after the fault was lifted", func() history { return stalled(0).lifted(20).with(21, 101) }, false, 1},
		{"by a survivor that had too much to do, in the end", func() history { return stalled(0).with(10.9, 103).with(18, 103) }, false, 1},
		{"for no known reason", func() history {
			return faulted().died(10.5, 1).act(11, "restart", 1, 0).drop(15, evidence.Reset)
		}, false, 0},
		{"of a request for work", func() history {
			return asked().act(12, "restart", 2, 0).exit(12.3, 2, 103).drop(12.2, evidence.TimedOut)
		}, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.record().record()
			got := Avoidable(r, Losses(r), !c.hard)
			if len(got) != c.want {
				t.Errorf("%d of %d losses are avoidable, want %d: %+v", len(got), len(Losses(r)), c.want, Losses(r))
			}
		})
	}
}

// TestAvoidableOutage: while nobody serves, nothing is saved until a worker could have
// booted.
func TestAvoidableOutage(t *testing.T) {
	h := faulted()
	for id := range 4 {
		h = h.crashed(10.2, id, 101+id).died(10.2, id)
	}
	h = h.born(12, 13, 0, 101, 201).born(12, 13, 1, 102, 202).born(12, 13, 2, 103, 203).born(12, 13, 3, 104, 204)
	for _, s := range h.Snapshots {
		for i := range s.Workers {
			s.Workers[i].Name = h.Header.App
		}
	}
	for i := range h.Requests { // nobody serves from the crash until 13 s
		if q := &h.Requests[i]; q.Lane == evidence.LaneShort && q.Due > sec(10.2) && q.Due < sec(13) {
			q.Class, q.PID = evidence.Refused, 0
		}
	}
	r := h.record()
	detected, recovered, _ := computeFloors(r)
	if detected != sec(10.2) || recovered < sec(11.2) || recovered > sec(11.4) {
		t.Fatalf("the floors are at %s and %s, want 10.2 s, and a boot of a second later", detected, recovered)
	}
	late := 0
	for _, q := range r.Dropped() {
		if q.Due > recovered {
			late++
		}
	}
	if got := len(Avoidable(r, Losses(r), true)); got < late || got > late+int(20*Window.Seconds()) || late < 20 {
		t.Errorf("%d are avoidable, and %d were due after a worker could have booted", got, late)
	}
}

// TestRollFloor: a rolling restart takes each worker's longest request, and a boot, one
// after the other.
func TestRollFloor(t *testing.T) {
	h := asked().born(12, 13, 0, 101, 201).born(15, 16, 1, 102, 202)
	for id, pid := range []int{101, 102} {
		h = h.exit(13.2+3*float64(id), id, pid)
		h.settle(evidence.Request{Lane: evidence.LaneLong, Due: sec(11), Class: evidence.Answered, PID: pid})
		h.Requests[len(h.Requests)-1].Done = sec(13)
	}
	for _, s := range h.Snapshots {
		for i := range s.Workers {
			s.Workers[i].Name = h.Header.App
		}
	}
	got, born := RecoveryFloor(h.record())
	if want := 2 * (sec(2) + sec(1.02)); !born || got.By != FloorRoll || (got.Time-want).Abs() > sec(0.1) {
		t.Errorf("the floor is %v, want %s", got, want)
	}
}
