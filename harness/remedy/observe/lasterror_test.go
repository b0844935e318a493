package observe

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// TestPlantedLogSaysNothing: the last words of a worker that was given up are its own, not
// those of a file that its log leads to.
func TestPlantedLogSaysNothing(t *testing.T) {
	dir := t.TempDir()
	secret, log := filepath.Join(dir, "secret"), filepath.Join(dir, "error.log")
	const words = "Error: password hunter2\n"
	if err := os.WriteFile(secret, []byte(words), 0o600); err != nil {
		t.Fatal(err)
	}
	row := []pm2.Process{{Name: "web", Status: pm2.Errored, ErrLog: log}}
	if err := os.Symlink(secret, log); err != nil {
		t.Fatal(err)
	}
	if got := findLastErrors(row, "web", 0); len(got) != 0 {
		t.Errorf("by a symbolic link: %+v", got)
	}
	if err := os.Rename(secret, log); err != nil {
		t.Fatal(err)
	}
	if got := findLastErrors(row, "web", 0); len(got) != 1 || got[0].Text != strings.TrimSpace(words) {
		t.Errorf("its own: %+v", got)
	}
}

// TestLastWords: only what a worker that was given up wrote in its last life counts.
func TestLastWords(t *testing.T) {
	dir := t.TempDir()
	started := time.Now().Add(-time.Hour)
	write := func(name, text string, at time.Time) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
		return name
	}
	const refused = "Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect\n  code: 'ECONNREFUSED'\n"
	recent := write("recent.log", "Error: of before\n    at x\n"+refused, started.Add(time.Second))
	stale := write("stale.log", refused, started.Add(-time.Minute))
	gaveUp := func(id int, log string) pm2.Process {
		return pm2.Process{ID: id, Name: "app", Status: pm2.Errored, StartedAt: started, ErrLog: log}
	}
	pipe := filepath.Join(dir, "pipe.log")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	running, other := gaveUp(5, recent), gaveUp(6, recent)
	running.Status, running.PID, other.Name = pm2.Online, 77, "other"
	got := findLastErrors([]pm2.Process{
		gaveUp(0, recent), gaveUp(1, stale), gaveUp(2, filepath.Join(dir, "none.log")), gaveUp(3, write("calm.log", "all is well\n", time.Now())),
		gaveUp(4, write("long.log", strings.Repeat("x", 3*maxText)+"\n"+refused, time.Now())), running, other, gaveUp(7, "/dev/null"), gaveUp(8, pipe),
	}, "app", 9)
	if len(got) != 2 || got[0].ID != 0 || got[1].ID != 4 {
		t.Fatalf("heard %+v, want words of workers 0 and 4", got)
	}
	for _, e := range got {
		if e.At != 9 || e.Kind != KindLast || e.Text != strings.TrimSpace(refused) {
			t.Errorf("worker %d said %q, want %q", e.ID, e.Text, refused)
		}
	}
}
