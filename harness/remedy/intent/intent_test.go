package intent

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

func folder(t *testing.T) (*host.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	f, err := host.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, dir
}

func open(t *testing.T, f *host.Folder, app string) *Book {
	t.Helper()
	shelf, err := Open(f)
	if err != nil {
		t.Fatal(err)
	}
	return shelf.Book(app)
}

func ids(ins []Intent) []int {
	out := []int{}
	for _, in := range ins {
		out = append(out, in.ID)
	}
	return out
}

// TestBookIsOnDiskBeforeTheAction: an engine that is killed at any moment leaves what it was
// about to do, and what it held; another app's is kept.
func TestBookIsOnDiskBeforeTheAction(t *testing.T) {
	f, _ := folder(t)
	at := time.UnixMilli(1795490456586)
	other := open(t, f, "other")
	if err := other.Begin(Intent{ID: 7, Action: engine.ActionStop, At: at}); err != nil {
		t.Fatal(err)
	}
	b := open(t, f, "web")
	want := Of(pm2.Process{ID: 1, PID: os.Getpid(), Unique: "u", StartedAt: at}, engine.ActionStop, engine.PortForeign, "key", at)
	if err := b.Begin(want); err != nil || !want.Lives() {
		t.Fatal(err, want)
	}
	left := open(t, f, "web").Earlier()
	if len(left) != 1 || left[0].Start != want.Start || left[0].Cause != want.Cause || left[0].Dedupe != "key" || !left[0].At.Equal(at) || !left[0].Started.Equal(at) {
		t.Fatalf("a second engine finds %+v", left)
	}
	none := func(int) bool { return false }
	if err := b.Keep(none); err != nil || len(open(t, f, "web").Earlier()) != 1 {
		t.Errorf("under way, and forgotten (%v)", err)
	}
	b.End(1)
	if err := b.Keep(func(id int) bool { return id == 1 }); err != nil || len(open(t, f, "web").Earlier()) != 1 {
		t.Errorf("held, and forgotten (%v)", err)
	}
	if err := b.Keep(none); err != nil || len(open(t, f, "web").Earlier()) != 0 {
		t.Errorf("over, and kept (%v)", err)
	}
	if got := ids(open(t, f, "other").Earlier()); !slices.Equal(got, []int{7}) {
		t.Errorf("the other app has %v", got)
	}
}

// TestEarlierIntentsAreKeptUntilSettled, whoever holds what.
func TestEarlierIntentsAreKeptUntilSettled(t *testing.T) {
	f, _ := folder(t)
	if err := open(t, f, "web").Begin(Intent{ID: 2}); err != nil {
		t.Fatal(err)
	}
	b := open(t, f, "web")
	none := func(int) bool { return false }
	if err := b.Keep(none); err != nil || !slices.Equal(ids(b.Earlier()), []int{2}) {
		t.Errorf("earlier: %v (%v)", b.Earlier(), err)
	}
	b.Settle(2)
	if err := b.Keep(none); err != nil || len(b.Earlier()) != 0 || len(open(t, f, "web").Earlier()) != 0 {
		t.Errorf("settled, and kept (%v)", err)
	}
}

// TestUnreadableBook: what cannot be read is said, and replaced.
func TestUnreadableBook(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "half": `{"format":1,"ap`, "another format": `{"format":2}`, "a list": `[]`} {
		f, dir := folder(t)
		if err := os.WriteFile(filepath.Join(dir, File), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		shelf, err := Open(f)
		b := shelf.Book("web")
		if err == nil || len(b.Earlier()) != 0 {
			t.Errorf("%s: %v (%v)", name, b.Earlier(), err)
		}
		if err := b.Begin(Intent{ID: 1}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := ids(open(t, f, "web").Earlier()); !slices.Equal(got, []int{1}) {
			t.Errorf("%s: then %v", name, got)
		}
	}
}

// TestNoNoteNoAction: where the disk takes nothing, Begin says so and nothing counts as
// noted.
func TestNoNoteNoAction(t *testing.T) {
	f, dir := folder(t)
	b := open(t, f, "web")
	if err := os.MkdirAll(filepath.Join(dir, File+".new", "in-the-way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := b.Begin(Intent{ID: 1}); err == nil {
		t.Error("it says that it has noted it")
	}
	if _, err := os.Stat(filepath.Join(dir, File)); !errors.Is(err, os.ErrNotExist) || len(b.by)+len(b.under) > 0 {
		t.Errorf("something was noted: %v %v (%v)", b.by, b.under, err)
	}
}

func TestFate(t *testing.T) {
	at := time.UnixMilli(1795490456586)
	in := Intent{ID: 1, Unique: "u", PID: 42, Start: 7, Started: at.Add(-time.Minute), At: at}
	row := func(status pm2.Status, pid int, change ...func(*pm2.Process)) pm2.Process {
		p := pm2.Process{ID: 1, Unique: "u", PID: pid, Status: status, StartedAt: in.Started, Autorestart: true, CreatedAt: at}
		for _, c := range change {
			c(&p)
		}
		return p
	}
	started := func(d time.Duration) func(*pm2.Process) { return func(p *pm2.Process) { p.StartedAt = at.Add(d) } }
	for _, c := range []struct {
		name  string
		row   pm2.Process
		found bool
		lives bool
		want  Fate
	}{
		{"stopped by the engine", row(pm2.Stopped, 0), true, false, Down},
		{"PM2 restarted it between the note and the stop", row(pm2.Stopped, 0, started(slack)), true, false, Down},
		{"an operator has restarted and stopped it since", row(pm2.Stopped, 0, started(slack+time.Millisecond)), true, false, Over},
		{"an operator has started it since", row(pm2.Online, 43, started(time.Hour)), true, false, Over},
		{"another row has the id", row(pm2.Stopped, 0, func(p *pm2.Process) { p.Unique = "v" }), true, false, Over},
		{"deleted", pm2.Process{}, false, false, Over},
		{"not yet stopped", row(pm2.Online, 42), true, true, Same},
		{"its pid is another's by now", row(pm2.Online, 42), true, false, Over},
		{"being stopped", row(pm2.Stopping, 42), true, true, Passing},
		{"in backoff", row(pm2.Waiting, 42), true, false, Passing},
		{"given up meanwhile", row(pm2.Errored, 0), true, false, Down},
	} {
		if got := in.Fate(c.row, c.found, c.lives, at.Add(time.Minute)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	// The engine has started it, and was killed before it could say so; then somebody stopped it.
	in.Action = engine.ActionRestart
	for since, want := range map[time.Duration]Fate{-time.Minute: Down, 200 * time.Millisecond: Over} {
		if got := in.Fate(row(pm2.Stopped, 0, started(since)), true, false, at.Add(time.Minute)); got != want {
			t.Errorf("started %s after the note of a restart: %s, want %s", since, got, want)
		}
	}
	// PM2 may not have come to it yet.
	in.Action = engine.ActionStop
	for since, want := range map[time.Duration]Fate{0: Passing, late: Same} {
		if got := in.Fate(row(pm2.Online, 42), true, true, at.Add(since)); got != want {
			t.Errorf("%s after the note: %s, want %s", since, got, want)
		}
	}
}

// TestFateWhenTheClockIsSet: the wall clock, which PM2's times and the notes have, may be set between a
// note and the next run of the engine.
func TestFateWhenTheClockIsSet(t *testing.T) {
	at := time.UnixMilli(1795490456586)
	in := Intent{ID: 1, Unique: "u", PID: 42, Started: at.Add(-time.Minute), Action: engine.ActionStop, At: at}
	row := func(status pm2.Status, pid int, started time.Time) pm2.Process {
		return pm2.Process{ID: 1, Unique: "u", PID: pid, Status: status, StartedAt: started, Autorestart: true, CreatedAt: at}
	}
	for _, c := range []struct {
		name  string
		row   pm2.Process
		lives bool
		jump  time.Duration
		want  Fate
	}{
		{"back, and it is stopped", row(pm2.Stopped, 0, in.Started), false, -time.Hour, Down},
		{"forward, and it is stopped", row(pm2.Stopped, 0, in.Started), false, time.Hour, Down},
		{"back, and it runs on: it is not waited for until the clock is where it was", row(pm2.Online, 42, in.Started), true, -time.Hour, Same},
		{"back, and an operator has restarted and stopped it", row(pm2.Stopped, 0, at.Add(-time.Hour)), false, -time.Hour, Over},
		{"forward, and an operator has restarted and stopped it", row(pm2.Stopped, 0, at.Add(time.Hour)), false, time.Hour, Over},
	} {
		if got := in.Fate(c.row, true, c.lives, at.Add(c.jump)); got != c.want {
			t.Errorf("the clock was set %s: %s, want %s", c.name, got, c.want)
		}
	}
	if !in.Late(at.Add(-time.Hour)) || in.Late(at.Add(time.Second)) {
		t.Error("a note from the future is waited for, or a fresh one is not")
	}
}
