package remedy

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// TestRepaysWhenItEnds: workers that the engine has stopped are started when it ends, those
// that an operator has stopped are not, and nothing is done under the kill switch.
func TestRepaysWhenItEnds(t *testing.T) {
	row := func(id int) string {
		return fmt.Sprintf(`{"pid":0,"pm_id":%d,"name":"app","pm2_env":{"status":"stopped","namespace":"default"}}`, id)
	}
	for name, c := range map[string]struct {
		paused bool
		want   []string // lines
		starts int
	}{
		"it ends":               {false, []string{"action restart 0 begin", "action restart 0 done"}, 1},
		"the kill switch is on": {true, []string{"withheld restart 0 "}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			starts := 0
			list := listing(row(0), row(1))
			f := newFakeDaemon(t, func(method string) string {
				mu.Lock()
				defer mu.Unlock()
				if method == "restartProcessId" {
					starts++
				}
				if method == "getMonitorData" {
					return list(method)
				}
				return "{}"
			})
			if err := os.WriteFile(filepath.Join(f.home, "pm2.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
				t.Fatal(err)
			}
			if c.paused {
				if err := os.WriteFile(filepath.Join(f.home, observe.KillSwitch), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			r := testRunner(t, f.home, plan.DefaultLimits(), false, &out)
			defer r.watch.Close()
			r.state.Held[0] = engine.BootCrash // worker 1 is somebody else's stop
			r.repay(t.Context())
			var got []string
			for l, err := range engine.Lines(&out) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, strings.Join([]string{l.Type, l.Action, strconv.Itoa(*l.ID), l.Phase}, " "))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("it said %q, want %q", got, c.want)
			}
			mu.Lock()
			defer mu.Unlock()
			if starts != c.starts {
				t.Errorf("%d workers were started, want %d", starts, c.starts)
			}
		})
	}
}
