package observe

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// TestLastLines: what a worker's process has written last is told, of its own log alone, and
// not what a process before it wrote.
func TestLastLines(t *testing.T) {
	now := time.Now()
	write := func(name, text string, at time.Time) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		return path
	}
	shared := write("shared", "who is it\n", now)
	procs := []pm2.Process{
		{ID: 0, PID: 10, StartedAt: now.Add(-time.Minute), OutLog: write("plain", "listening soon\nwaiting for the lock of the migration\n\n", now)},
		{ID: 1, PID: 11, StartedAt: now.Add(-time.Minute), OutLog: write("json", `{"level":30,"msg":"waiting for leader"}`+"\n", now)},
		{ID: 2, PID: 12, StartedAt: now.Add(-time.Minute), OutLog: write("old", "bye\n", now.Add(-time.Hour))},
		{ID: 3, PID: 13, StartedAt: now.Add(-time.Minute), OutLog: shared},
		{ID: 4, PID: 14, StartedAt: now.Add(-time.Minute), OutLog: shared},
		{ID: 5, PID: 15, StartedAt: now.Add(-time.Minute)},
	}
	workers := []Worker{{ID: 0, PID: 10}, {ID: 1, PID: 11}, {ID: 2, PID: 12}, {ID: 3, PID: 13}, {ID: 4, PID: 14}, {ID: 5, PID: 15}, {ID: 6, PID: 16}}
	addLastLines(workers, procs)
	for i, want := range []string{"waiting for the lock of the migration", "waiting for leader", "", "", "", "", ""} {
		if workers[i].Wrote != want {
			t.Errorf("worker %d wrote %q, want %q", i, workers[i].Wrote, want)
		}
	}
}
