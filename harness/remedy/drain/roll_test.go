package drain_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

func TestRollReplacesTheLeaderLast(t *testing.T) {
	t.Parallel()
	r := newRig(t, 3, release{})
	r.inspector = newDevtools(t)
	var begun []int
	roller := r.roller()
	roller.Begin = func(w drain.Worker) { begun = append(begun, w.ID) }
	done, err := roller.Roll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(begun, []int{1, 2, 0}) {
		t.Errorf("order %v, want the leader last", begun)
	}
	if want := []string{"restart 1", "restart 2", "restart 0"}; !slices.Equal(r.calls, want) {
		t.Errorf("PM2 was asked for %v, want %v", r.calls, want)
	}
	for _, rep := range done {
		if rep.New == rep.Old || rep.New == 0 || rep.Drain.Means != drain.Inspector || rep.Drain.Idle != 2 || !rep.Drain.Confirmed || rep.Habit != drain.HabitNone {
			t.Errorf("replacement %+v", rep)
		}
	}
	if r.inspector.owner() != 0 {
		t.Error("an inspector was left open")
	}
}

func TestHabit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, facts string
		ignores     bool
		want        drain.Habit
		killed      bool
	}{
		{"no listener", `{"sigint":0}`, false, drain.HabitNone, false},
		{"listener, exits", `{"sigint":1}`, false, drain.HabitExits, false},
		{"listener, killed", `{"sigint":1}`, true, drain.HabitIgnores, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 2, release{ignores: tc.ignores})
			r.inspector = newDevtools(t)
			r.inspector.facts = tc.facts
			done, err := r.roller().Roll(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if done[0].Habit != tc.want || done[0].Killed != tc.killed {
				t.Errorf("habit %q, killed %v", done[0].Habit, done[0].Killed)
			}
		})
	}
}

func TestRollIsUnsafe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		spoil func(*rig)
		want  string
	}{
		{"half a reload", func(r *rig) { r.rows = append(r.rows, pm2.Process{ID: -1, Name: "app", Mode: "cluster"}) }, "outgoing"},
		{"fork mode", func(r *rig) { r.rows[0].Mode = "fork" }, "cluster mode"},
		{"given up", func(r *rig) { r.rows[1].Status, r.rows[1].PID = pm2.Waiting, 0 }, "worker 1 is not up"},
		{"online and dead", func(r *rig) { r.rows[1].PID = 99 }, "worker 1 is not up"},
		{"no such app", func(r *rig) { r.rows = nil }, "no such app"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 2, release{})
			tc.spoil(r)
			_, err := r.roller().Roll(t.Context())
			if !errors.Is(err, drain.ErrUnsafe) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if len(r.calls) != 0 {
				t.Errorf("PM2 was asked for %v", r.calls)
			}
		})
	}
}

// TestRollAsksTheSuccessorOfWhoDied: a worker that dies while it is asked whether it serves is
// no reason to refuse a roll, once PM2 has put another in its place.
func TestRollAsksTheSuccessorOfWhoDied(t *testing.T) {
	t.Parallel()
	r := newRig(t, 3, release{})
	r.inspector = newDevtools(t)
	r.procs[1002].poisoned = true
	done, err := r.roller().Roll(t.Context())
	if err != nil || len(done) != 3 {
		t.Fatalf("%d replaced: %v", len(done), err)
	}
	for _, rep := range done {
		if rep.Old == 1002 {
			t.Errorf("worker %d was replaced by its dead pid", rep.ID)
		}
	}
}

func TestRollStopsAtACrashingCanary(t *testing.T) {
	t.Parallel()
	r := newRig(t, 3, release{})
	r.inspector = newDevtools(t)
	r.release = release{diesAtBoot: true}
	done, err := r.roller().Roll(t.Context())
	if !errors.Is(err, drain.ErrCrashing) {
		t.Fatalf("got %v", err)
	}
	if len(done) != 1 || done[0].Deaths != 2 || !slices.Equal(r.calls, []string{"restart 1"}) {
		t.Errorf("done %+v, PM2 was asked for %v", done, r.calls)
	}
}

func TestRollStopsAtAMuteCanary(t *testing.T) {
	t.Parallel()
	r := newRig(t, 3, release{})
	r.inspector = newDevtools(t)
	r.release = release{mute: true} // answers 503: not ready
	_, err := r.roller().Roll(t.Context())
	if err == nil || !strings.Contains(err.Error(), "does not serve") || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if !slices.Equal(r.calls, []string{"restart 1"}) {
		t.Errorf("PM2 was asked for %v", r.calls)
	}
}

func TestRollLendsASecondWorkerToASingleOne(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		inspector *devtools
		want      []string
	}{
		{newDevtools(t), []string{"duplicate 0", "restart 0", "delete 1"}},
		{nil, []string{"duplicate 0", "leave 0", "restart 0", "leave 1", "delete 1"}},
	} {
		r := newRig(t, 1, release{})
		r.inspector = tc.inspector
		if _, err := r.roller().Roll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.calls, tc.want) {
			t.Errorf("PM2 was asked for %v, want %v", r.calls, tc.want)
		}
	}
}

func TestWorkerThatDiesWhileItDrainsIsNotRestarted(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rel  release
		want []string
	}{
		{release{}, nil}, // PM2 respawns it
		{release{noAutostart: true}, []string{"restart 1"}},
	} {
		r := newRig(t, 2, tc.rel)
		r.inspector = newDevtools(t)
		r.inspector.during = func(pid int) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.end(pid, true)
			return errors.New("gone")
		}
		rep, err := r.roller().Replace(t.Context(), drain.Worker{ID: 1, PID: 1002, Port: r.port(), URL: r.roller().URL})
		if err != nil || rep.New == rep.Old || rep.New == 0 {
			t.Errorf("%+v: %+v %v", tc.rel, rep, err)
		}
		if !slices.Equal(r.calls, tc.want) {
			t.Errorf("%+v: PM2 was asked for %v, want %v", tc.rel, r.calls, tc.want)
		}
	}
}

func TestAFullWorkerNeedNotLeave(t *testing.T) {
	t.Parallel()
	for _, files := range [][2]int{{252, 256}, {40, 256}} {
		t.Run(strconv.Itoa(files[0]), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 2, release{})
			r.files = files
			r.procs[1002].left = true // no connection is dealt to it
			roller := r.roller()
			rep, err := roller.Replace(t.Context(), drain.Worker{ID: 1, PID: 1002, Port: r.port(), URL: roller.URL})
			if full := files[0] > 200; full != (err == nil) || full && rep.Drain.Means != drain.Leave {
				t.Errorf("got %+v, %v", rep, err)
			}
		})
	}
}

func TestLeave(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		rel       release
		respawned bool
		left      int
		calls     []string
	}{
		{"exits by itself", release{exits: true}, true, 0, []string{"leave 1"}},
		{"empty: restarted", release{}, false, 0, []string{"leave 1", "restart 1"}},
		{"exits, no autorestart: restarted", release{exits: true, noAutostart: true}, false, 0, []string{"leave 1", "restart 1"}},
		{"between two requests: ended", release{betweenRequests: true}, true, 0, []string{"leave 1", "killed 1002"}},
		{"never empties: restarted", release{neverEmpties: true}, false, 1, []string{"leave 1", "restart 1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, 2, tc.rel)
			roller := r.roller()
			rep, err := roller.Replace(t.Context(), drain.Worker{ID: 1, PID: 1002, Port: r.port(), URL: roller.URL})
			if err != nil {
				t.Fatal(err)
			}
			d := rep.Drain
			if d.Means != drain.Leave || d.Respawned != tc.respawned || d.InFlight != tc.left || !errors.Is(d.Refused, drain.ErrInspector) {
				t.Errorf("drain %+v", d)
			}
			if !slices.Equal(r.calls, tc.calls) {
				t.Errorf("PM2 was asked for %v, want %v", r.calls, tc.calls)
			}
		})
	}
}

func TestInspectorOfAnotherProcessIsNotUsed(t *testing.T) {
	t.Parallel()
	r := newRig(t, 2, release{})
	r.inspector = newDevtools(t)
	r.inspector.lies = true
	_, err := r.roller().Probe(t.Context(), 1001)
	if !errors.Is(err, drain.ErrInspector) || !strings.Contains(err.Error(), "leads to process 1") {
		t.Errorf("got %v", err)
	}
	r.inspector.lies = false
	_, err = r.roller().Probe(t.Context(), 1002)
	if want := fmt.Sprintf("held by process %d", 1001); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

// TestLeaveGivesTheEnvironment: PM2 starts a killed worker by itself as it was, so
// that one that is to be different is restarted all the same.
func TestLeaveGivesTheEnvironment(t *testing.T) {
	t.Parallel()
	r := newRig(t, 2, release{betweenRequests: true})
	roller := r.roller()
	roller.Env = map[string]string{"A": "1"}
	r.release = release{}
	rep, err := roller.Replace(t.Context(), drain.Worker{ID: 1, PID: 1002, Port: r.port(), URL: roller.URL})
	if err != nil || !rep.Drain.Killed || rep.Drain.Respawned {
		t.Errorf("%+v %v", rep, err)
	}
	if want := []string{"leave 1", "killed 1002", "restart 1"}; !slices.Equal(r.calls, want) {
		t.Errorf("PM2 was asked for %v, want %v", r.calls, want)
	}
}

// TestRollLearnsThatSigintIsIgnored: once PM2 had to kill a worker that was empty, the next ones
// are not left to their kill timeouts. One whose requests were not done has all of its own.
func TestRollLearnsThatSigintIsIgnored(t *testing.T) {
	t.Parallel()
	r := newRig(t, 3, release{ignores: true})
	r.inspector = newDevtools(t)
	r.inspector.facts = `{"sigint":1}`
	r.rows[0].KillTimeout, r.rows[2].KillTimeout = time.Minute, time.Minute // worker 1 comes first
	done, err := r.roller().Roll(t.Context())
	if err != nil || len(done) != 3 {
		t.Fatalf("%d replaced: %v", len(done), err)
	}
	if !done[0].Killed || done[0].Ended {
		t.Errorf("the first was not left to PM2: %+v", done[0])
	}
	for _, rep := range done[1:] {
		if rep.Killed || !rep.Ended || rep.Habit != drain.HabitIgnores || rep.Ending >= time.Minute {
			t.Errorf("worker %d was left to its kill timeout: %+v", rep.ID, rep)
		}
	}
}

// TestLeaveLetsGoOnSigint: the connection that the engine holds in a worker that has left must
// not be what the worker waits for on SIGINT.
func TestLeaveLetsGoOnSigint(t *testing.T) {
	t.Parallel()
	r := newRig(t, 2, release{waits: true})
	for i := range r.rows {
		r.rows[i].KillTimeout = time.Minute
	}
	roller := r.roller()
	rep, err := roller.Replace(t.Context(), drain.Worker{ID: 1, PID: 1002, Port: r.port(), URL: roller.URL})
	if err != nil || rep.Drain.Means != drain.Leave || rep.Killed || rep.Habit == drain.HabitIgnores || rep.Ending >= time.Minute {
		t.Errorf("%+v %v", rep, err)
	}
	begun := r.Now()
	if _, err := roller.Remove(t.Context(), drain.Worker{ID: 0, PID: 1001, Port: r.port(), URL: roller.URL}); err != nil || r.Now()-begun >= time.Minute {
		t.Errorf("removed after %s: %v", r.Now()-begun, err)
	}
}

// TestSurge: a spare worker serves before the first one is replaced, and goes after the last.
func TestSurge(t *testing.T) {
	t.Parallel()
	r := newRig(t, 3, release{})
	r.inspector = newDevtools(t)
	var steps []string
	roller := r.roller()
	roller.Surge = true
	roller.Spare = drain.SpareHooks{
		Add:    func(ids []int) error { steps = append(steps, fmt.Sprint("add to ", ids)); return nil },
		Added:  func(w drain.Worker, err error) { steps = append(steps, fmt.Sprintf("added %d: %v", w.ID, err)) },
		Remove: func(w drain.Worker) { steps = append(steps, fmt.Sprint("remove ", w.ID)) },
		Removed: func(w drain.Worker, _ drain.Result, err error) {
			steps = append(steps, fmt.Sprintf("removed %d: %v", w.ID, err))
		},
	}
	if _, err := roller.Roll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"duplicate 1", "restart 1", "restart 2", "restart 0", "delete 3"}; !slices.Equal(r.calls, want) {
		t.Errorf("PM2 was asked for %v, want %v", r.calls, want)
	}
	if want := []string{"add to [0 1 2]", "added 3: <nil>", "remove 3", "removed 3: <nil>"}; !slices.Equal(steps, want) {
		t.Errorf("it has said %v, want %v", steps, want)
	}
}

// TestSurgeEnds: a spare worker that does not come to serve is deleted, and nothing else is
// touched; one of a roll that has failed stays while another worker does not serve, and no longer;
// nothing is begun that cannot be noted.
func TestSurgeEnds(t *testing.T) {
	t.Parallel()
	t.Run("it dies", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, 2, release{})
		r.release = release{diesAtBoot: true}
		roller := r.roller()
		roller.Surge = true
		done, err := roller.Roll(t.Context())
		var spare *drain.SpareError
		if !errors.As(err, &spare) || spare.ID != 2 || !errors.Is(err, drain.ErrCrashing) || len(done) != 0 {
			t.Errorf("%+v %v", done, err)
		}
		if want := []string{"duplicate 1", "delete 2"}; !slices.Equal(r.calls, want) {
			t.Errorf("PM2 was asked for %v, want %v", r.calls, want)
		}
	})
	t.Run("another is down", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, 2, release{})
		r.inspector = newDevtools(t)
		kept := -1
		roller := r.roller()
		roller.Surge = true
		roller.Begin = func(drain.Worker) { r.mu.Lock(); r.release = release{diesAtBoot: true}; r.mu.Unlock() }
		roller.Spare.Kept = func(w drain.Worker) { kept = w.ID }
		_, err := roller.Roll(t.Context())
		if !errors.Is(err, drain.ErrCrashing) || kept != 2 || slices.Contains(r.calls, "delete 2") {
			t.Errorf("kept %d, PM2 was asked for %v: %v", kept, r.calls, err)
		}
	})
	t.Run("no note", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, 2, release{})
		roller := r.roller()
		roller.Surge = true
		roller.Spare.Add = func([]int) error { return errors.New("the disk is full") }
		if _, err := roller.Roll(t.Context()); err == nil || len(r.calls) != 0 {
			t.Errorf("PM2 was asked for %v: %v", r.calls, err)
		}
	})
}
