package drain_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// These tests roll real apps under a real PM2, the pm2 and node on PATH, and
// count what real load loses. PM2DRILL_DAEMON_TEST=1 asks for them;
// PM2DRILL_DRAIN_ROLLS says how often each app is rolled (default 1).
func rolls(t *testing.T) int {
	t.Helper()
	if os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skip("needs pm2 and node on PATH: set PM2DRILL_DAEMON_TEST=1")
	}
	n, err := strconv.Atoi(os.Getenv("PM2DRILL_DRAIN_ROLLS"))
	if err != nil {
		return 1
	}
	return n
}

// cluster is a PM2 daemon of its own with one app of four workers.
type cluster struct {
	home string
	port int
	pm2  *pm2.Client
}

func start(t *testing.T, app string, port int, settings string) cluster {
	t.Helper()
	// A Unix socket's path has to be short.
	home, err := os.MkdirTemp("/tmp", "drain")
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs(app)
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(home, "ecosystem.config.js")
	text := fmt.Sprintf("module.exports = {apps: [{name: 'app', script: %q, exec_mode: 'cluster', instances: 4, env: {PORT: %d, PM2DRILL_JOURNAL: %q}, %s}]}",
		script, port, filepath.Join(home, "journal"), settings)
	if err := os.Mkdir(filepath.Join(home, "journal"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) error {
		cmd := exec.Command("pm2", args...)
		cmd.Env = append(os.Environ(), "PM2_HOME="+home)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("pm2 %v: %w\n%s", args, err, out)
		}
		return nil
	}
	if err := run("start", config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run("kill"); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("PM2's files are kept in %s", home)
			return
		}
		_ = os.RemoveAll(home)
	})
	client, err := pm2.Dial(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	c := cluster{home, port, client}
	c.ready(t)
	return c
}

func (c cluster) url() string { return fmt.Sprintf("http://127.0.0.1:%d/healthz", c.port) }

// ready waits until the kernel shows the app's port.
func (c cluster) ready(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		socks, err := host.Listeners(c.port)
		if err == nil && len(socks) > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody listens on port %d: %v", c.port, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// under runs something while all three lanes are loaded, and returns what each
// lane dropped.
func (c cluster) under(t *testing.T, act func() error) map[string]int {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	work := 20 * time.Millisecond
	plan := load.Plan{URL: fmt.Sprintf("http://127.0.0.1:%d", c.port), Noise: true, Lanes: []load.Lane{
		{Name: "short", Kind: load.Short, Rate: 100, Timeout: 5 * time.Second, Work: work},
		{Name: "keepalive", Kind: load.KeepAlive, Rate: 100, Timeout: 5 * time.Second, Conns: 20, Work: work},
		{Name: "long", Kind: load.Long, Rate: 10, Timeout: 8 * time.Second, Work: 2 * time.Second},
	}}
	type outcome struct {
		tallies []evidence.Tally
		err     error
	}
	over := make(chan outcome, 1)
	c.forget(t)
	var lost []evidence.Request
	go func() {
		tallies, err := load.Run(ctx, plan, func(l evidence.Line) {
			if r := l.Request; r != nil && r.Class != evidence.Answered {
				lost = append(lost, *r)
			}
		})
		over <- outcome{tallies, err}
	}()
	time.Sleep(2 * time.Second) // a load in full flight
	begun := time.Now()
	if err := act(); err != nil {
		t.Error(err)
	}
	took := time.Since(begun)
	time.Sleep(time.Second)
	stop()
	out := <-over
	if out.err != nil {
		t.Fatal(out.err)
	}
	drops := map[string]int{}
	line := fmt.Sprintf("took %6.2fs:", took.Seconds())
	for _, tally := range out.tallies {
		for class, n := range tally.Counts {
			if class.Dropped() {
				drops[tally.Lane] += n
			}
		}
		line += fmt.Sprintf(" %s %d/%d", tally.Lane, drops[tally.Lane], tally.Owed)
		if n := tally.Counts[evidence.Unsent]; n > 0 {
			line += fmt.Sprintf(" (unsent %d)", n)
		}
	}
	t.Log(line)
	c.explain(t, lost)
	return drops
}

// forget empties the servers' journals.
func (c cluster) forget(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(c.home, "journal", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Truncate(f, 0); err != nil {
			t.Error(err)
		}
	}
}

// explain lists the first losses beside what the servers' journals know of them.
func (c cluster) explain(t *testing.T, lost []evidence.Request) {
	t.Helper()
	for _, r := range lost[:min(len(lost), 10)] {
		t.Logf("     %s due %v took %v: %s conn %d reused %v %s %s", r.ID, r.Due, r.Done-r.Due, r.Class, r.Conn, r.Reused, r.Phase, r.Detail)
		out, _ := exec.Command("grep", "-r", fmt.Sprintf("%q", r.ID), filepath.Join(c.home, "journal")).CombinedOutput()
		t.Logf("       journal: %s", out)
	}
}

func (c cluster) roller(t *testing.T, forbid bool) drain.Roller {
	return drain.Roller{
		Drainer: drain.Drainer{PM2: c.pm2, ForbidInspector: forbid, Deadline: 10 * time.Second},
		Home:    c.home, App: "app", Port: c.port, URL: c.url(), Soak: time.Second,
		Done: func(r drain.Replacement, err error) {
			if testing.Verbose() && os.Getenv("PM2DRILL_DRAIN_TALK") != "" {
				t.Logf("    %v worker %d: pid %d to %d, %s refused %v respawned %v left %d idle %d confirmed %v drained in %v; facts %+v habit %q ended in %v killed %v; served after %v; %v in all; %v",
					host.Now(), r.ID, r.Old, r.New, r.Drain.Means, r.Drain.Refused, r.Drain.Respawned, r.Drain.InFlight, r.Drain.Idle, r.Drain.Confirmed, r.Drain.Took.Round(time.Millisecond), *cmp.Or(r.Drain.Facts, &drain.Facts{}), r.Habit,
					r.Ending.Round(time.Millisecond), r.Killed, r.Serve.Round(time.Millisecond), r.Took.Round(time.Millisecond), err)
			}
		},
	}
}

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
					done, err := c.roller(t, false).Roll(t.Context())
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
					_, err := c.roller(t, true).Roll(t.Context())
					return err
				})
				if drops["short"] > 0 || drops["noise"] > 0 {
					t.Errorf("dropped %v", drops)
				}
			}
		})
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

// TestRollOfASingleWorker: somebody must listen while the only worker is away.
func TestRollOfASingleWorker(t *testing.T) {
	n := rolls(t)
	c := start(t, "../../../fixtures/node-apps/no-handler/server.js", 25130, "instances: 1")
	for range n {
		drops := c.under(t, func() error {
			_, err := c.roller(t, false).Roll(t.Context())
			return err
		})
		for lane, n := range drops {
			if n > 0 {
				t.Errorf("%s: dropped %d", lane, n)
			}
		}
		list, err := c.pm2.List(t.Context())
		if err != nil || len(list) != 1 || list[0].Instance != "0" {
			t.Errorf("after the roll PM2 lists %+v %v", list, err)
		}
	}
}
