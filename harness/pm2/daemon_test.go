package pm2

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// realDaemon starts a PM2 daemon of its own with a two-worker cluster app.
func realDaemon(t *testing.T, settings string) (home string, pm2 func(args ...string)) {
	t.Helper()
	if os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skip("set PM2DRILL_DAEMON_TEST=1 to run against a real PM2; make test-daemon does")
	}
	home = t.TempDir()
	pm2 = func(args ...string) {
		t.Helper()
		cmd := exec.Command("pm2", args...)
		cmd.Env = append(os.Environ(), "PM2_HOME="+home)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("pm2 %s: %v: %s", args[0], err, out)
		}
	}
	app := t.TempDir()
	files := map[string]string{
		"server.js": `require('http').createServer((q, r) => r.end('ok')).listen(28417);
process.on('message', (m) => m.topic && console.log('told ' + m.topic + ' ' + m.data.n));
process.on('SIGUSR2', () => console.log('signalled'));`,
		"crash.js":            `console.error('no database'); process.exit(1);`,
		"ecosystem.config.js": fmt.Sprintf(`module.exports = {apps: [{name: 'app', exec_mode: 'cluster', instances: 2, cwd: __dirname, %s}]};`, settings),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(app, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pm2("start", filepath.Join(app, "ecosystem.config.js"))
	t.Cleanup(func() {
		if pid, err := DaemonPID(home); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have gone in the test
		}
	})
	return home, pm2
}

// eventually polls until ok, or fails with what was last seen.
func eventually(t *testing.T, what string, ok func() (seen any, done bool)) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		seen, done := ok()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: last seen %+v", what, seen)
		}
	}
}

func TestDaemonOperations(t *testing.T) {
	home, _ := realDaemon(t, "script: 'server.js'")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	bus, err := Subscribe(ctx, home, TopicEvent, TopicOut)
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	said := make(chan Event, 1000)
	go func() {
		for e := range bus.Events() {
			said <- e
		}
	}()
	hears := func(what string, is func(Event) bool) {
		t.Helper()
		for deadline := time.After(20 * time.Second); ; {
			select {
			case e := <-said:
				if is(e) {
					return
				}
			case <-deadline:
				t.Fatalf("the bus did not say %s", what)
			}
		}
	}
	c := connect(t, home)
	at := func(id int) Process {
		t.Helper()
		p, err := c.Describe(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	try := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	try("ping", c.Ping(ctx))
	if v, err := c.Version(ctx); err != nil || strings.Count(v, ".") != 2 {
		t.Fatalf("version %q (%v)", v, err)
	}
	if list, err := c.List(ctx); err != nil || len(list) != 2 || list[0].State() != Running {
		t.Fatalf("list %+v (%v)", list, err)
	}

	old := at(0).PID
	try("restart", c.Restart(ctx, 0, Config{KillTimeout: 5 * time.Second}))
	if p := at(0); p.PID == old || p.KillTimeout != 5*time.Second {
		t.Errorf("after a restart with a new kill_timeout: %+v", p)
	}
	hears("exit of worker 0", func(e Event) bool { return e.Event == "exit" && e.ID == 0 })

	old = at(1).PID
	try("reload", c.Reload(ctx, 1, Config{}))
	if at(1).PID == old {
		t.Error("reload left the process as it was")
	}
	try("stop", c.Stop(ctx, 1))
	if s := at(1).State(); s != StoppedNow {
		t.Errorf("after a stop: %s", s)
	}
	try("start", c.Start(ctx, 1))
	if err := c.Start(ctx, 1); err == nil {
		t.Error("started twice")
	}
	try("duplicate", c.Duplicate(ctx, 0))
	if list, err := c.List(ctx); err != nil || len(list) != 3 {
		t.Errorf("after a duplicate: %d processes (%v)", len(list), err)
	}
	try("delete", c.Delete(ctx, 2))
	if _, err := c.Describe(ctx, 2); !errors.Is(err, ErrUnknownID) {
		t.Errorf("after a delete: %v", err)
	}
	try("reset", c.Reset(ctx, 0))
	if n := at(0).Restarts; n != 0 {
		t.Errorf("after a reset: %d restarts", n)
	}
	try("send", c.Send(ctx, 0, "hello", map[string]int{"n": 7}))
	hears("that the worker was told", func(e Event) bool { return strings.Contains(e.Text, "told hello 7") })
	try("signal", c.Signal(ctx, 0, "SIGUSR2"))
	hears("that the worker was signalled", func(e Event) bool { return strings.Contains(e.Text, "signalled") })

	beat := at(0).Beat
	eventually(t, "a heartbeat", func() (any, bool) { b := at(0).Beat; return b, b != beat && b != 0 })

	old = at(0).PID
	try("leave", c.Leave(ctx, 0))
	eventually(t, "a new process after leaving", func() (any, bool) { p := at(0); return p, p.PID != old && p.State() == Running })
}

// TestDaemonGivesUp: with a delay configured, "errored" is painted over.
func TestDaemonGivesUp(t *testing.T) {
	home, _ := realDaemon(t, "script: 'crash.js', max_restarts: 3, min_uptime: '20s', restart_delay: 100")
	c := connect(t, home)
	eventually(t, "that PM2 gives up", func() (any, bool) {
		list, err := c.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return list, len(list) == 2 && list[0].GaveUp() && list[1].GaveUp() && list[0].Status == Waiting
	})
}

// TestDaemonDeath: everything says so, and nothing here brings one back.
func TestDaemonDeath(t *testing.T) {
	home, _ := realDaemon(t, "script: 'server.js'")
	c := connect(t, home)
	bus, err := Subscribe(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := DaemonPID(home)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for range bus.Events() {
	}
	if !errors.Is(bus.Err(), ErrDaemonDead) {
		t.Errorf("the bus says %v", bus.Err())
	}
	eventually(t, "the client's word", func() (any, bool) {
		err := c.Ping(t.Context())
		return err, errors.Is(err, ErrDaemonDead)
	})
	for range 20 {
		if _, err := Dial(t.Context(), home); !errors.Is(err, ErrDaemonDead) {
			t.Fatalf("a dead daemon answers: %v", err)
		}
		if _, err := Subscribe(t.Context(), home); !errors.Is(err, ErrDaemonDead) {
			t.Fatalf("a dead daemon publishes: %v", err)
		}
	}
	if now, err := DaemonPID(home); err != nil || now != pid {
		t.Errorf("the daemon's pid went from %d to %d (%v): one has been started", pid, now, err)
	}
}
