package observe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// TestScript: a script that is rewritten is a deployment, another app's is not,
// and one that is away for a moment is none yet.
func TestScript(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.js")
	procs := []pm2.Process{{ID: 0, Name: "other", Script: "/dev/null"}, {ID: 1, Name: "app", Script: path}}
	write := func(at int64) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Unix(at, 0), time.Unix(at, 0)); err != nil {
			t.Fatal(err)
		}
	}
	var s script
	write(1)
	for i, step := range []struct {
		do   func()
		want bool
	}{
		{func() {}, false}, // the first look knows nothing
		{func() {}, false},
		{func() { write(2) }, true},
		{func() {}, false},
		{func() { os.Remove(path) }, false},
		{func() { write(3) }, true},
	} {
		step.do()
		e, changed := s.look(procs, "app", 7)
		if changed != step.want || (changed && (e.Kind != KindDeploy || e.At != 7 || !strings.Contains(e.Text, path))) {
			t.Errorf("step %d: %+v %v, want %v", i, e, changed, step.want)
		}
	}
}
