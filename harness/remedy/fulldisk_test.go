package remedy

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// TestFullDiskKeepsNobodyStuck: where the disk takes no note, a worker that is stuck is killed all the
// same, since PM2 starts it again whatever becomes of the engine; that nothing can be written is said
// once, and again only after it could.
func TestFullDiskKeepsNobodyStuck(t *testing.T) {
	pid := sleeper(t)
	f := newFakeDaemon(t, listing(fmt.Sprintf(`{"pid":%d,"pm_id":3,"name":"app","pm2_env":{"status":"online","namespace":"default"}}`, pid)))
	if err := os.WriteFile(filepath.Join(f.home, "pm2.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := testRunner(t, f.home, plan.DefaultLimits(), false, &out)
	r.executor.Book, r.executor.Key = r.book, r.desk.Key
	if err := r.notes.folder.Close(); err != nil { // nothing can be written any more
		t.Fatal(err)
	}
	told, err := r.executor.Do(t.Context(), plan.Decision{Action: engine.ActionKill, ID: 3, PID: pid})
	if err != nil || host.Alive(pid) || !strings.Contains(told, "cannot note the kill") {
		t.Errorf("it lives: %v, told %q: %v", host.Alive(pid), told, err)
	}
	for range 5 {
		r.say(engine.Line{Type: engine.TypeReady})
	}
	if n := strings.Count(out.String(), `"action":"audit"`); n != 1 {
		t.Errorf("said %d times that the audit file takes nothing: %s", n, out.String())
	}
}
