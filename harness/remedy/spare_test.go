package remedy

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/intent"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// TestKilledOverASpareWorker: an engine that is killed in a roll leaves a spare worker, and the next one
// removes it, once: not before all others serve, and not if it cannot know which it is.
func TestKilledOverASpareWorker(t *testing.T) {
	row := func(id int) pm2.Process { return pm2.Process{ID: id, Name: "app", Status: pm2.Online} }
	look := func(serving bool) observe.Observation {
		o := observe.Observation{At: time.Hour, Daemon: observe.Daemon{Alive: true}}
		for id := range 2 {
			o.Workers = append(o.Workers, observe.Worker{ID: id, PID: 70 + id, Alive: true, Status: "online", Since: time.Minute})
		}
		if !serving {
			o.Workers[1].Status, o.Workers[1].Alive = "waiting restart", false
		}
		return o
	}
	paused := look(true)
	paused.Paused = true
	for _, c := range []struct {
		name    string
		list    []pm2.Process
		o       observe.Observation
		age     time.Duration // of the note
		removed int32
		settled bool
		said    string
	}{
		{"it is there", []pm2.Process{row(0), row(1), row(5)}, look(true), time.Second, 1, true, `"phase":"done","id":5`},
		{"another is down", []pm2.Process{row(0), row(1), row(5)}, look(false), time.Second, 0, false, ""},
		{"the kill switch is on", []pm2.Process{row(0), row(1), row(5)}, paused, time.Second, 0, false, ""},
		{"PM2 may yet add it", []pm2.Process{row(0), row(1)}, look(true), time.Second, 0, false, ""},
		{"PM2 has not added it", []pm2.Process{row(0), row(1)}, look(true), time.Minute, 0, true, ""},
		{"somebody has added others", []pm2.Process{row(0), row(1), row(5), row(6)}, look(true), time.Second, 0, true, "only people know"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var deleted atomic.Int32
			f := newFakeDaemon(t, func(method string) string {
				if method == "deleteProcessId" {
					deleted.Add(1)
				}
				return listing(`{"pid":0,"pm_id":5,"name":"app","pm2_env":{"status":"online","namespace":"default"}}`)(method)
			})
			first := testRunner(t, f.home, plan.DefaultLimits(), false, &bytes.Buffer{})
			if err := first.book.Begin(intent.Intent{ID: intent.Spare, Action: engine.ActionScale, Rows: []int{0, 1}, At: time.Now().Add(-c.age)}); err != nil {
				t.Fatal(err)
			}
			first.notes.close() // as the kernel does when a process is killed

			var out bytes.Buffer
			next := testRunner(t, f.home, plan.DefaultLimits(), false, &out)
			for range 2 {
				next.reconcile(t.Context(), c.o, c.list)
			}
			next.acts.Wait()
			if n := deleted.Load(); n != c.removed {
				t.Errorf("PM2 was told %d times to delete it, want %d", n, c.removed)
			}
			if settled := len(next.book.Earlier()) == 0; settled != c.settled {
				t.Errorf("settled: %v, want %v", settled, c.settled)
			}
			if said := out.String(); !strings.Contains(said, c.said) {
				t.Errorf("it has said %s, want %s", fmt.Sprintf("%q", said), c.said)
			}
		})
	}
}
