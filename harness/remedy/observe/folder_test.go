package observe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// TestFolder: what is changed in an app's folder while no process of it runs is changed by
// somebody else; while one runs, code and settings are. What the app writes itself, and logs, do
// not count.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "config"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) func() {
		return func() {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	procs := []pm2.Process{{ID: 0, Name: "app", Script: filepath.Join(dir, "server.js"), Cwd: dir}}
	down, up, half := []Worker{{ID: 0}, {ID: 1}}, []Worker{{ID: 0, Alive: true}, {ID: 1, Alive: true}}, []Worker{{ID: 0}, {ID: 1, Alive: true}}
	var f folder
	at := time.Duration(0)
	for i, step := range []struct {
		do      func()
		workers []Worker
		says    string // "" for nothing
	}{
		{write(".env", "A=1"), up, ""},
		{write("started", "1"), up, ""}, // by the app itself
		{func() {}, down, ""},           // the first look while it is down knows nothing
		{func() {}, down, ""},
		{write("app.log", "much"), down, ""},
		{write(".env", "A=12"), down, "/.env was changed"},
		{func() {}, down, ""},
		{write("config/local.json", "{}"), down, "/config/local.json was changed"},
		{func() { os.Remove(filepath.Join(dir, "started")) }, down, "/started was removed"},
		{write("data.json", "12"), half, ""}, // it may have come up and written it
		{write(".env", "A=123"), half, "/.env was changed"},
		{write("data.json", "123"), half, ""},
		{write("data.json", "1234"), down, ""}, // it ran at the look before
		{write("data.json", "12345"), down, "/data.json was changed"},
		{write("data.json", "123456"), []Worker{{ID: 0, Restarts: 1}, {ID: 1}}, ""}, // it has started, and died, since
		{write("started", "12"), up, ""},
		{func() {}, down, ""},
	} {
		step.do()
		at += folderEvery
		e, changed := f.look(procs, step.workers, "app", at)
		if changed != (step.says != "") || !strings.Contains(e.Text, step.says) || changed && (e.Kind != KindDeploy || e.At != at) {
			t.Errorf("step %d: %+v, want %q", i, e, step.says)
		}
	}
}

// TestFolderOfLinks: what a symbolic link leads to is looked at, as releases share their settings
// by links: a file, a folder, and a file that comes back.
func TestFolderOfLinks(t *testing.T) {
	dir, shared := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(shared, "config"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"env", "config"} {
		if err := os.Symlink(filepath.Join(shared, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	procs := []pm2.Process{{ID: 0, Name: "app", Script: filepath.Join(dir, "server.js"), Cwd: dir}}
	down := []Worker{{ID: 0}}
	var f folder
	at := time.Duration(0)
	look := func() (Event, bool) { at += folderEvery; return f.look(procs, down, "app", at) }
	look()
	for i, name := range []string{"env", "config/local.json", "env"} { // env comes, and changes
		if err := os.WriteFile(filepath.Join(shared, name), make([]byte, i+1), 0o600); err != nil {
			t.Fatal(err)
		}
		if e, changed := look(); !changed || !strings.Contains(e.Text, "/"+name+" was changed") {
			t.Errorf("%s: %+v", name, e)
		}
		if e, changed := look(); changed {
			t.Errorf("nothing has changed: %+v", e)
		}
	}
}
