package observer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
)

// TestFilesLook: of the app's files every change is told, of logs all but their growth.
func TestFilesLook(t *testing.T) {
	app, home := t.TempDir(), t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	server, module := filepath.Join(app, "server.js"), filepath.Join(app, "node_modules", "x", "index.js")
	pm2Log, out := filepath.Join(home, "pm2.log"), filepath.Join(home, "logs", "app-out.log")
	write(server, "one")
	write(module, "theirs")
	write(pm2Log, "started\n")
	write(out, "hello\n")
	f := files{space: host.Here(), app: []string{app, filepath.Join(app, "absent")}, home: home, known: map[string]evidence.File{}, looked: host.Now()}
	look := func(what string, want ...string) (told []evidence.File) {
		t.Helper()
		var paths []string
		f.look(func(x evidence.File) { told, paths = append(told, x), append(paths, filepath.Base(x.Path)) })
		if strings.Join(paths, " ") != strings.Join(want, " ") {
			t.Errorf("%s: it tells of %v, want %v", what, paths, want)
		}
		return told
	}
	first := look("at first", "index.js", "server.js", "app-out.log", "pm2.log")
	look("nothing has happened")

	later := time.Now().Add(200 * time.Millisecond)
	for time.Now().Before(later) { // the file system's clock must be seen to move
		write(filepath.Join(home, "other"), "x")
	}
	write(server, "two")
	if x := look("an edit", "server.js"); len(x) == 1 && (x[0].Sum == first[1].Sum || (host.Now()-x[0].At) > time.Minute) {
		t.Errorf("the edit is told as %+v, and it was %+v", x[0], first[1])
	}
	for now := time.Now().Add(200 * time.Millisecond); time.Now().Before(now); {
		write(filepath.Join(home, "other"), "x")
	}
	write(server, "three")
	write(server, "two")
	look("an edit that is taken back", "server.js")

	write(out, "hello\nagain\n")
	look("a log grows")
	if err := os.Truncate(pm2Log, 0); err != nil {
		t.Fatal(err)
	}
	look("a log is emptied", "pm2.log")
	write(filepath.Join(app, "flag"), "")
	look("a new file", "flag")
	if err := os.Remove(filepath.Join(app, "flag")); err != nil {
		t.Fatal(err)
	}
	if x := look("a file goes", "flag"); len(x) == 1 && !x[0].Gone {
		t.Errorf("it is told as %+v", x[0])
	}
	look("it is gone for good")
	write(filepath.Join(app, "node_modules", "pg", "index.js"), "mine")
	look("a module is added", "index.js")
}
