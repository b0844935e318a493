package drain_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

func TestRollDropsNothing(t *testing.T) {
	n := rolls(t)
	for i, app := range []struct {
		name, settings string
		habit          drain.Habit
	}{
		{"no-handler", "", drain.HabitNone},
		{"ignores-sigint", "", drain.HabitIgnores},
		{"well-behaved", "kill_timeout: 8000", drain.HabitExits},
	} {
		t.Run(app.name, func(t *testing.T) {
			c := start(t, "../../../fixtures/node-apps/"+app.name+"/server.js", 25100+i, app.settings)
			for range n {
				drops := c.under(t, func() error {
					done, err := c.roller(t, drain.Always).Roll(t.Context())
					for _, r := range done {
						if r.Habit != app.habit {
							t.Errorf("worker %d: habit %q, want %q", r.ID, r.Habit, app.habit)
						}
					}
					return err
				})
				for lane, n := range drops {
					if n > 0 {
						t.Errorf("%s: dropped %d", lane, n)
					}
				}
			}
		})
	}
}

// TestLeaveDropsNoShortRequest: without the inspector the lanes that open a
// connection per request lose nothing; keep-alive clients do, so that lane is
// only reported.
func TestLeaveDropsNoShortRequest(t *testing.T) {
	n := rolls(t)
	for i, app := range []struct{ name, settings string }{
		{"no-handler", ""},
		{"ignores-sigint", "pmx: false"},
	} {
		t.Run(strings.TrimSpace(app.name+" "+app.settings), func(t *testing.T) {
			c := start(t, "../../../fixtures/node-apps/"+app.name+"/server.js", 25110+i, app.settings)
			for range n {
				drops := c.under(t, func() error {
					_, err := c.roller(t, drain.Never).Roll(t.Context())
					return err
				})
				if drops["short"] > 0 || drops["noise"] > 0 {
					t.Errorf("dropped %v", drops)
				}
			}
		})
	}
}

// TestLeaveMakesAWorkerDifferent: a worker with busy keep-alive clients is killed
// between two requests, and PM2's own respawn must not win over the restart.
func TestLeaveMakesAWorkerDifferent(t *testing.T) {
	n := rolls(t)
	c := start(t, "../../../fixtures/node-apps/ignores-sigint/server.js", 25115, "instances: 2")
	for i := range n {
		number := strconv.Itoa(7 + i)
		c.under(t, func() error {
			p, err := c.pm2.Describe(t.Context(), 1)
			if err != nil {
				return err
			}
			roller := c.roller(t, drain.Never)
			roller.Env = map[string]string{"NODE_APP_INSTANCE": number}
			rep, err := roller.Replace(t.Context(), drain.Worker{ID: 1, PID: p.PID, Port: c.port, URL: c.url()})
			t.Logf("%+v", rep)
			return err
		})
		if p, err := c.pm2.Describe(t.Context(), 1); err != nil || p.Instance != number {
			t.Errorf("worker 1 has number %s, want %s (%v)", p.Instance, number, err)
		}
	}
}

// TestReloadDrops shows what PM2's own reload of the same apps loses under the
// same load. It asserts only that something is lost where the app ignores SIGINT
// or has no handler.
func TestReloadDrops(t *testing.T) {
	n := rolls(t)
	for i, app := range []struct {
		name, settings string
		loses          bool
	}{
		{"no-handler", "", true},
		{"ignores-sigint", "", true},
		{"well-behaved", "kill_timeout: 8000", false},
	} {
		t.Run(app.name, func(t *testing.T) {
			c := start(t, "../../../fixtures/node-apps/"+app.name+"/server.js", 25120+i, app.settings)
			sum := 0
			for range n {
				drops := c.under(t, func() error {
					cmd := exec.Command("pm2", "reload", "app")
					cmd.Env = append(os.Environ(), "PM2_HOME="+c.home)
					return cmd.Run()
				})
				sum += drops["short"] + drops["keepalive"] + drops["long"]
			}
			if app.loses && sum == 0 {
				t.Error("pm2 reload dropped nothing: the measurement is broken")
			}
		})
	}
}

// TestRollOfASingleWorker: somebody must listen while the only worker is away, and
// must be gone afterwards.
func TestRollOfASingleWorker(t *testing.T) {
	n := rolls(t)
	for i, policy := range []drain.Policy{drain.Always, drain.Never} {
		t.Run(string(policy), func(t *testing.T) {
			c := start(t, "../../../fixtures/node-apps/no-handler/server.js", 25130+i, "instances: 1")
			for range n {
				drops := c.under(t, func() error {
					_, err := c.roller(t, policy).Roll(t.Context())
					return err
				})
				for lane, n := range drops {
					if n > 0 && (policy == drain.Always || lane != "keepalive") {
						t.Errorf("%s: dropped %d", lane, n)
					}
				}
				list, err := c.pm2.List(t.Context())
				if err != nil || len(list) != 1 || list[0].Instance != "0" {
					t.Errorf("after the roll PM2 lists %+v %v", list, err)
				}
			}
		})
	}
}
