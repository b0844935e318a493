package remedy

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// TestKilledInMidStop: an engine that is killed after PM2 has been told to stop a worker, and
// before it has answered, leaves a note by which the next one holds the worker, under the
// alert's key. Nobody's stop after that is taken for the engine's.
func TestKilledInMidStop(t *testing.T) {
	begun := time.Now()
	var told atomic.Bool
	asked, killed := make(chan struct{}), make(chan struct{})
	defer close(killed)
	f := newFakeDaemon(t, func(method string) string {
		if method == "stopProcessId" && told.CompareAndSwap(false, true) {
			close(asked)
			<-killed // the answer never comes
		}
		return listing(fmt.Sprintf(`{"pid":0,"pm_id":3,"name":"app","pm2_env":{"status":"errored","namespace":"default","unique_id":"u","pm_uptime":%d}}`, begun.UnixMilli()))(method)
	})
	first := testRunner(t, f.home, plan.DefaultLimits(), false, &bytes.Buffer{})
	first.executor.Book, first.executor.Key = first.book, first.desk.Key
	go func() {
		_, _ = first.executor.Do(context.Background(), plan.Decision{Action: engine.ActionStop, ID: 3, Cause: engine.PortForeign, Subject: "port"})
	}()
	select {
	case <-asked:
	case <-time.After(10 * time.Second):
		t.Fatal("PM2 was not told to stop it")
	}
	first.notes.close() // as the kernel does when a process is killed

	row := pm2.Process{ID: 3, Name: "app", Unique: "u", Status: pm2.Stopped, StartedAt: begun}
	started := func(at time.Time) []pm2.Process { p := row; p.StartedAt = at; return []pm2.Process{p} }
	other := row
	other.Unique = "v"
	for _, c := range []struct {
		name string
		list []pm2.Process
		want map[int]engine.Cause
	}{
		{"stopped", []pm2.Process{row}, map[int]engine.Cause{3: engine.PortForeign}},
		{"started and stopped by an operator since", started(time.Now().Add(time.Hour)), map[int]engine.Cause{}},
		{"the id is another row's", []pm2.Process{other}, map[int]engine.Cause{}},
		{"deleted", []pm2.Process{}, map[int]engine.Cause{}},
	} {
		next := testRunner(t, f.home, plan.DefaultLimits(), false, &bytes.Buffer{})
		next.reconcile(t.Context(), observe.Observation{}, c.list)
		if !maps.Equal(next.state.Held, c.want) {
			t.Errorf("%s: held are %v, want %v", c.name, next.state.Held, c.want)
		}
		key := next.desk.Key(engine.PortForeign, plan.Adopted)
		if was := first.desk.Key(engine.PortForeign, "port"); (key == was) != (len(c.want) > 0) {
			t.Errorf("%s: the alert's key is %s, it was %s", c.name, key, was)
		}
		next.notes.close() // without Keep: each finds what the first has left
	}
	last := testRunner(t, f.home, plan.DefaultLimits(), false, &bytes.Buffer{})
	last.reconcile(t.Context(), observe.Observation{}, started(time.Now().Add(time.Hour)))
	if err := last.keepHeld(); err != nil {
		t.Fatal(err)
	}
	if left := last.book.Earlier(); len(left) != 0 {
		t.Errorf("the note is kept: %+v", left)
	}
}

// TestKilledInMidDrain: the next engine says which worker may take no traffic.
func TestKilledInMidDrain(t *testing.T) {
	home, pid := t.TempDir(), sleeper(t)
	row := pm2.Process{ID: 1, Name: "app", PID: pid, Status: pm2.Online}
	first := testRunner(t, home, plan.DefaultLimits(), false, &bytes.Buffer{})
	if err := first.book.Begin(intent.Of(row, engine.ActionDrain, "", "", time.Now())); err != nil {
		t.Fatal(err)
	}
	first.notes.close()
	var out bytes.Buffer
	next := testRunner(t, home, plan.DefaultLimits(), false, &out)
	next.reconcile(t.Context(), observe.Observation{}, []pm2.Process{row})
	next.reconcile(t.Context(), observe.Observation{}, []pm2.Process{row})
	if n := strings.Count(out.String(), "while it drained this worker"); n != 1 || len(next.state.Held) > 0 {
		t.Errorf("said %d times, held are %v: %s", n, next.state.Held, out.String())
	}
}

// TestNoNoteNoStop: where the disk takes no note, PM2 is not told to stop anything.
func TestNoNoteNoStop(t *testing.T) {
	var stops atomic.Int32
	f := newFakeDaemon(t, func(method string) string {
		if method == "stopProcessId" {
			stops.Add(1)
		}
		return listing(`{"pid":0,"pm_id":3,"name":"app","pm2_env":{"status":"stopped","namespace":"default"}}`)(method)
	})
	r := testRunner(t, f.home, plan.DefaultLimits(), false, &bytes.Buffer{})
	r.executor.Book, r.executor.Key = r.book, r.desk.Key
	if err := r.notes.folder.Close(); err != nil { // nothing can be written any more
		t.Fatal(err)
	}
	if _, err := r.executor.Do(t.Context(), plan.Decision{Action: engine.ActionStop, ID: 3}); err == nil || stops.Load() > 0 {
		t.Errorf("%d stops (%v)", stops.Load(), err)
	}
}

// TestKilledBeforeItHears: the note of a stop stays on the disk from its end until the engine
// has heard of that end, whenever between the two the engine is killed.
func TestKilledBeforeItHears(t *testing.T) {
	home := t.TempDir()
	limits := plan.DefaultLimits()
	first := testRunner(t, home, limits, false, &bytes.Buffer{})
	rows := []pm2.Process{{ID: 0, Name: "app", Unique: "u", Status: pm2.Stopped}, {ID: 1, Name: "app", Unique: "v", Status: pm2.Stopped}}
	look := observe.Observation{At: time.Second, Daemon: observe.Daemon{Alive: true}, Workers: []observe.Worker{{ID: 0, Status: "stopped"}, {ID: 1, Status: "stopped"}}}
	left := func(moment string, want int) {
		t.Helper()
		if err := first.keepHeld(); err != nil {
			t.Fatal(err)
		}
		next := &runner{book: openBook(t, home), state: plan.NewState(nil), desk: first.desk, app: first.app}
		if next.reconcile(t.Context(), look, rows); len(next.state.Held) != want {
			t.Errorf("killed %s: %d of %d workers are held", moment, len(next.state.Held), want)
		}
	}
	for _, p := range rows {
		first.state.Busy[p.ID] = engine.ActionStop // as Decide does
		if err := first.book.Begin(intent.Of(p, engine.ActionStop, engine.PortForeign, "", time.Now())); err != nil {
			t.Fatal(err)
		}
		left("as it stops", p.ID+1)
	}
	for id := range rows {
		first.book.End(id) // PM2 has answered
		left("as it has stopped", 2)
	}
	for id := range rows {
		look.Actions = []observe.ActionEvent{{At: look.At, Action: engine.ActionStop, Phase: engine.PhaseDone, ID: id}}
		first.state = first.state.Absorb(look, limits)
		left("once it has heard", 2)
	}
}

// openBook returns the notes that are on the disk now.
func openBook(t *testing.T, home string) *intent.Book {
	t.Helper()
	folder, err := host.OpenFolder(home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	shelf, err := intent.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return shelf.Book("/app")
}
