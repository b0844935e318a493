package observe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWatched: PM2's word on a change that it starts an app anew for, and for which app.
func TestWatched(t *testing.T) {
	l := newPM2Log(t.TempDir(), "web")
	if err := os.WriteFile(l.name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l.look(0)
	text := "2026-11-30T17:34:26: PM2 log: Change detected on path data/starts for app web - restarting\n" +
		"2026-11-30T17:34:26: PM2 log: Change detected on path data/starts for app api - restarting\n"
	if err := os.WriteFile(l.name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := l.look(time.Second); len(got) != 1 || got[0].Kind != KindWatched || got[0].Text != "data/starts" || got[0].At != time.Second {
		t.Errorf("it hears %+v", got)
	}
}

// TestPM2Log reads a log of PM2 7.0.4 of five apps that die before PM2's wrapper is in them, or
// after it, as it was written, in pieces: each worker gets its own last words.
func TestPM2Log(t *testing.T) {
	text, err := os.ReadFile("testdata/pm2.log")
	if err != nil {
		t.Fatal(err)
	}
	for app, want := range map[string]struct {
		words, end string
		unsaid     int // ends whose words are not told from those of another app that ended at that time
	}{
		"opt":     {"bad option: --no-such-option", "exit code 9", 0},
		"pre":     {"Cannot find module './no-preload.js'", "exit code 1", 1},
		"heap":    {"JavaScript heap out of memory", "SIGABRT", 0},
		"forkopt": {"", "exit code 9", 2}, // its stderr is the app's log
		"fine":    {"", "", 0},            // it lives
	} {
		name := filepath.Join(t.TempDir(), "pm2.log")
		l := newPM2Log(filepath.Dir(name), app)
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		l.look(0)
		said, ends := 0, 0
		for at := time.Duration(0); len(text[at:]) > 0; {
			next := min(at+1000, time.Duration(len(text)))
			if _, err := f.Write(text[at:next]); err != nil {
				t.Fatal(err)
			}
			at = next
			for _, e := range l.look(at * time.Millisecond / 1000) {
				switch {
				case e.Kind == KindPM2Log && want.words != "" && strings.Contains(e.Text, want.words):
					said++
				case e.Kind == KindEnded && e.Text == want.end:
					ends++
				default:
					t.Errorf("%s: %+v", app, e)
				}
			}
		}
		if ends == 0 && app != "fine" || said != ends-want.unsaid {
			t.Errorf("%s: %d ends, %d with words, want %+v", app, ends, said, want)
		}
	}
}

// TestPM2LogForgets: what was there before the engine is past, a line that explains no end that
// follows soon is none's, and a log that was emptied is read anew.
func TestPM2LogForgets(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pm2.log")
	l := newPM2Log(filepath.Dir(name), "app")
	write := func(how int, text string) {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|how, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	const bad, ended = "node: bad option: --x\n", "2026-11-30T10:00:00: PM2 log: App [app:3] exited with code [9] via signal [SIGINT]\n"
	write(os.O_APPEND, bad+ended)
	if got := l.look(0); len(got) != 0 {
		t.Errorf("of before: %+v", got)
	}
	write(os.O_APPEND, bad)
	l.look(time.Second)
	write(os.O_APPEND, ended)
	if got := l.look(time.Minute); len(got) != 1 || got[0].Kind != KindEnded {
		t.Errorf("long after: %+v", got)
	}
	write(os.O_TRUNC, bad+ended)
	if got := l.look(2 * time.Minute); len(got) != 2 || got[1].Kind != KindPM2Log || got[1].ID != 3 || got[1].Source() != "pm2.log" {
		t.Errorf("of a new log: %+v", got)
	}
	write(os.O_APPEND, "2026-11-30T10:00:00: PM2 log: App [app:4] starting in -cluster mode-\n2026-11-30T10:00:00: PM2 error: Error: spawn /opt/node ENOENT\n")
	if got := l.look(3 * time.Minute); len(got) != 1 || got[0].ID != 4 || !strings.Contains(got[0].Text, "spawn /opt/node ENOENT") {
		t.Errorf("of a binary that is gone: %+v", got)
	}
}

// TestPM2LogTells: what PM2 itself asks to end it may kill, which is no kill from outside, and
// only once; a binary that may not be executed is not started either.
func TestPM2LogTells(t *testing.T) {
	const head = "2026-11-30T10:00:00: PM2 "
	const killed = head + "log: App [app:3] exited with code [0] via signal [SIGKILL]\n"
	for _, of := range []struct{ text, want string }{
		{head + "log: Stopping app:app id:3\n" + killed, KilledByPM2},
		{head + "log: Stopping app:other id:3\n" + killed, "SIGKILL"},
		{head + "log: Stopping app:app id:4\n" + killed, "SIGKILL"},
		{head + "log: Stopping app:app id:3\n" + head + "log: App [app:3] starting in -cluster mode-\n" + killed, "SIGKILL"},
		{head + "log: App [app:3] starting in -cluster mode-\n" + head + "error: Error: spawn /opt/node EACCES\n", "Error: spawn /opt/node EACCES"},
	} {
		l := newPM2Log("/", "app")
		var got []Event
		for line := range strings.Lines(of.text) {
			got = append(got, l.readLine(strings.TrimSuffix(line, "\n"), time.Second)...)
		}
		if len(got) != 1 || got[0].ID != 3 || got[0].Text != of.want {
			t.Errorf("%q: %+v, want %s", of.text, got, of.want)
		}
	}
}
