package pm2_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// These tests run against a real daemon: the pm2 and node on PATH, a PM2_HOME of
// their own, apps written on the spot. They need no file of the repository, so a
// test binary (go test -c) can run them inside a container.
const asked = "PM2DRILL_DAEMON_TEST"

// rig is a daemon of the test's own.
type rig struct {
	*testing.T
	home string
	*pm2.Client
}

// server is the app: it says what it is told, and does what it is sent.
const server = `
process.on('message', m => {
  console.log('got ' + JSON.stringify(m));
  if (m.topic === 'throw') setTimeout(() => { throw new Error('thrown on demand'); });
  if (m.topic === 'say') process.send(m.data);
});
process.on('SIGUSR2', () => console.log('got SIGUSR2 ' + process.execArgv.join(' ')));
require('http').createServer((q, r) => r.end('ok')).listen(0, '127.0.0.1');
`

// lingers never ends by itself, and PM2 has no instrumentation in it.
const lingers = `setInterval(() => {}, 1000);` + server

func newRig(t *testing.T) rig {
	t.Helper()
	if os.Getenv(asked) == "" {
		t.Skipf("needs pm2 and node on PATH: set %s=1", asked)
	}
	if _, err := exec.LookPath("pm2"); err != nil {
		t.Fatalf("%s is set, but there is no pm2 to test against: %v", asked, err)
	}
	home, err := os.MkdirTemp("", "pm2") // short: a Unix socket's path has room for 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	r := rig{T: t, home: home}
	t.Cleanup(func() { os.RemoveAll(home) })
	r.command("ping") // the command line starts the daemon, we never do
	pid, err := pm2.DaemonPID(home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.sweep(pid) })
	if r.Client, err = pm2.Dial(r.soon(), home); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if r.DaemonPID() != pid {
		t.Errorf("the kernel says pid %d, pm2.pid says %d", r.DaemonPID(), pid)
	}
	return r
}

// sweep ends the daemon and whatever it has started.
func (r rig) sweep(pid int) {
	for _, child := range children(pid) {
		_ = syscall.Kill(child, syscall.SIGKILL)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

func (r rig) command(args ...string) {
	r.Helper()
	cmd := exec.CommandContext(r.soon(), "pm2", args...)
	cmd.Env = append(os.Environ(), "PM2_HOME="+r.home)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.Fatalf("pm2 %v: %v\n%s", args, err, out)
	}
}

// soon bounds a step: a busy machine may take its time.
func (r rig) soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	r.Cleanup(cancel)
	return ctx
}

// start starts an app of some workers.
func (r rig) start(source string, workers int, settings string) {
	r.Helper()
	script := filepath.Join(r.home, "server.js")
	config := filepath.Join(r.home, "app.config.js")
	text := fmt.Sprintf(`module.exports = {apps: [{name: 'app', script: %q, exec_mode: 'cluster', instances: %d,
		env: {SECRET: 'hunter2', STATUS: 'loud', NAMESPACE: 'prod'}, %s}]}`, script, workers, settings)
	for name, text := range map[string]string{script: source, config: text} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			r.Fatal(err)
		}
	}
	r.command("start", config)
}

func (r rig) describe(id int) pm2.Process {
	r.Helper()
	p, err := r.Describe(r.soon(), id)
	if err != nil {
		r.Fatal(err)
	}
	return p
}

func (r rig) must(what string, err error) {
	r.Helper()
	if err != nil {
		r.Fatalf("%s: %v", what, err)
	}
}

// until waits for a condition.
func (r rig) until(what string, ok func() bool) {
	r.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			list, err := r.List(r.soon())
			r.Fatalf("not seen: %s; PM2 has %+v (%v)", what, list, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// follow subscribes and returns a function that waits for an event.
func (r rig) follow(topics ...string) func(what string, is func(pm2.Event) bool) pm2.Event {
	r.Helper()
	bus, err := pm2.Subscribe(r.soon(), r.home, topics...)
	r.must("subscribe", err)
	r.Cleanup(func() { bus.Close() })
	// A daemon that answers a ping has taken on who connected before.
	r.must("ping", r.Ping(r.soon()))
	var seen []pm2.Event
	return func(what string, is func(pm2.Event) bool) pm2.Event {
		r.Helper()
		for timeout := time.After(60 * time.Second); ; {
			select {
			case e, ok := <-bus.Events():
				if !ok {
					r.Fatalf("%s: the bus ended: %v", what, bus.Err())
				}
				if len(topics) > 0 && !slices.Contains(topics, e.Topic) {
					r.Errorf("an event of %s was not asked for", e.Topic)
				}
				if seen = append(seen, e); is(e) {
					return e
				}
			case <-timeout:
				r.Fatalf("not seen: %s; seen %+v", what, seen)
			}
		}
	}
}

func children(pid int) []int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)) // a dead one has none
	var pids []int
	for _, f := range strings.Fields(string(b)) {
		if n, err := strconv.Atoi(f); err == nil {
			pids = append(pids, n)
		}
	}
	return pids
}

func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(b, []byte(") Z ")) && !bytes.Contains(b, []byte(") X "))
}

// daemons counts the daemons of this home.
func (r rig) daemons() int {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	r.must("list processes", err)
	n := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err == nil && bytes.Contains(b, []byte("God Daemon ("+r.home+")")) {
			n++
		}
	}
	return n
}

func TestDaemonEmpty(t *testing.T) {
	r := newRig(t)
	if list, err := r.List(r.soon()); err != nil || len(list) != 0 {
		t.Errorf("an empty daemon has %+v (%v)", list, err)
	}
	version, err := r.Version(r.soon())
	if err != nil || version == "" {
		t.Errorf("version %q (%v)", version, err)
	}
	t.Logf("PM2 %s", version)
	r.must("ping", r.Ping(r.soon()))
	for name, call := range map[string]func(context.Context, int) error{
		"start": r.Start, "stop": r.Stop, "delete": r.Delete, "duplicate": r.Duplicate, "reset": r.Reset, "leave": r.Leave,
		"restart": func(ctx context.Context, id int) error { return r.Restart(ctx, id, pm2.Config{}) },
		"reload":  func(ctx context.Context, id int) error { return r.Reload(ctx, id, pm2.Config{}) },
		"signal":  func(ctx context.Context, id int) error { return r.Signal(ctx, id, "SIGUSR2") },
		"send":    func(ctx context.Context, id int) error { return r.Send(ctx, id, "x", 1) },
	} {
		if err := call(r.soon(), 7); !errors.Is(err, pm2.ErrUnknownID) {
			t.Errorf("%s of a process that is not there: %v", name, err)
		}
	}
	r.must("ping after all that", r.Ping(r.soon()))
}

func TestDaemonOperations(t *testing.T) {
	r := newRig(t)
	await := r.follow(pm2.TopicEvent, pm2.TopicLog)
	r.start(server, 2, `kill_timeout: 3000, min_uptime: 2000`)
	await("online", func(e pm2.Event) bool { return e.Event == "online" && e.ID == 1 && e.Name == "app" })
	p := r.describe(1)
	if p.Name != "app" || p.Mode != "cluster" || p.Instance != "1" || p.Instances != 2 || p.State() != pm2.Running ||
		p.KillTimeout != 3*time.Second || !p.Autorestart || !p.Pmx || p.CreatedAt.IsZero() || p.Namespace != "default" ||
		p.Script != filepath.Join(r.home, "server.js") || p.Status != pm2.Online {
		t.Errorf("got %+v", p)
	}
	if s := fmt.Sprintf("%+v", p); strings.Contains(s, "hunter2") || strings.Contains(s, "loud") {
		t.Errorf("the environment got through: %s", s)
	}
	r.until("a heartbeat", func() bool { return r.describe(1).Beat != 0 && r.describe(1).NodeVersion != "" })
	beat := r.describe(1).Beat
	r.until("another heartbeat", func() bool { return r.describe(1).Beat != beat })

	old := r.describe(0).PID
	r.must("restart", r.Restart(r.soon(), 0, pm2.Config{KillTimeout: 2500 * time.Millisecond, NodeArgs: []string{"--stack-trace-limit=7"}}))
	if p := r.describe(0); p.PID == old || p.KillTimeout != 2500*time.Millisecond || p.State() != pm2.Running || p.Restarts != 1 {
		t.Errorf("restarted: %+v", p)
	}
	await("the old one's exit", func(e pm2.Event) bool { return e.Event == "exit" && e.ID == 0 })

	old = r.describe(1).PID
	r.must("reload", r.Reload(r.soon(), 1, pm2.Config{ListenTimeout: 5 * time.Second}))
	if p := r.describe(1); p.PID == old || p.ListenTimeout != 5*time.Second || alive(old) {
		t.Errorf("reloaded: %+v", p)
	}
	await("the outgoing half's exit", func(e pm2.Event) bool { return e.Event == "exit" && e.Old && e.ID == -1 })

	r.must("stop", r.Stop(r.soon(), 0))
	if p := r.describe(0); p.PID != 0 || p.State() != pm2.StoppedNow {
		t.Errorf("stopped: %+v", p)
	}
	r.must("stop again", r.Stop(r.soon(), 0))
	r.must("start", r.Start(r.soon(), 0))
	var refused *pm2.RefusedError
	if err := r.Start(r.soon(), 0); !errors.As(err, &refused) {
		t.Errorf("start of a running one: %v", err)
	}
	r.must("duplicate", r.Duplicate(r.soon(), 0))
	if p := r.describe(2); p.Instance != "2" || p.State() != pm2.Running {
		t.Errorf("duplicate: %+v", p)
	}
	r.must("delete", r.Delete(r.soon(), 2))
	if _, err := r.Describe(r.soon(), 2); !errors.Is(err, pm2.ErrUnknownID) {
		t.Errorf("deleted: %v", err)
	}
	r.must("reset", r.Reset(r.soon(), 0))
	if p := r.describe(0); p.Restarts != 0 {
		t.Errorf("reset: %+v", p)
	}
}

func TestDaemonMessages(t *testing.T) {
	r := newRig(t)
	r.start(server, 1, ``)
	await := r.follow(pm2.TopicOut, pm2.TopicErr, pm2.TopicException, pm2.TopicMessage, pm2.TopicEvent)
	says := func(topic, text string) func(pm2.Event) bool {
		return func(e pm2.Event) bool { return e.Topic == topic && e.ID == 0 && strings.Contains(e.Text, text) }
	}
	// The worker may be online and not yet listen for messages.
	r.until("an app that listens", func() bool {
		b, _ := os.ReadFile(r.describe(0).OutLog)
		return bytes.Contains(b, []byte("probe")) || r.Send(r.soon(), 0, "probe", nil) != nil
	})
	r.must("send", r.Send(r.soon(), 0, "greeting", map[string]int{"n": 5}))
	await("the message", says(pm2.TopicOut, `"topic":"greeting","data":{"n":5}`))
	r.must("signal", r.Signal(r.soon(), 0, "SIGUSR2"))
	await("the signal", says(pm2.TopicOut, "got SIGUSR2"))
	r.must("send", r.Send(r.soon(), 0, "say", "ready"))
	await("what it said", func(e pm2.Event) bool { return e.Topic == pm2.TopicMessage && e.Text == "ready" })
	r.must("send", r.Send(r.soon(), 0, "throw", 1))
	await("the exception", says(pm2.TopicException, "thrown on demand"))
	await("the exit", func(e pm2.Event) bool { return e.Event == "exit" && e.ID == 0 })
	await("the restart", func(e pm2.Event) bool { return e.Event == "online" && e.ID == 0 })
}

// TestDaemonSurvivesSpeech: what would make PM2 signal its own process group, or
// end itself over a closed channel, is not sent.
func TestDaemonSurvivesSpeech(t *testing.T) {
	r := newRig(t)
	r.start(lingers, 2, `pmx: false`)
	pid := r.describe(1).PID
	r.until("an app that listens", func() bool { return len(children(r.DaemonPID())) == 2 && r.describe(1).State() == pm2.Running })
	r.must("leave", r.Leave(r.soon(), 1))
	second, err := pm2.Dial(r.soon(), r.home)
	r.must("dial", err)
	defer second.Close()
	r.until("that the worker has left", func() bool {
		// Another client knows only what the kernel shows.
		return errors.Is(second.Send(r.soon(), 1, "topic", 1), pm2.ErrLeft)
	})
	for _, c := range []*pm2.Client{r.Client, second} {
		for range 3 {
			if err := c.Leave(r.soon(), 1); !errors.Is(err, pm2.ErrLeft) {
				t.Errorf("second leave: %v", err)
			}
			if err := c.Send(r.soon(), 1, "topic", 1); !errors.Is(err, pm2.ErrLeft) {
				t.Errorf("send: %v", err)
			}
		}
	}
	if p := r.describe(1); p.PID != pid || !alive(pid) {
		t.Errorf("the worker that left: %+v", p)
	}
	r.must("restart", r.Restart(r.soon(), 1, pm2.Config{}))
	r.must("stop", r.Stop(r.soon(), 1))
	if err := r.Signal(r.soon(), 1, "SIGKILL"); !errors.Is(err, pm2.ErrNotRunning) {
		t.Errorf("signal to a stopped one: %v", err)
	}
	r.must("ping after all that", r.Ping(r.soon()))
}

func TestDaemonLeave(t *testing.T) {
	r := newRig(t)
	r.start(server, 2, ``)
	r.until("instrumentation", func() bool { return r.describe(1).Beat != 0 })
	pid := r.describe(1).PID
	r.must("leave", r.Leave(r.soon(), 1))
	r.until("another process in its place", func() bool {
		p := r.describe(1)
		return p.PID != pid && p.State() == pm2.Running && !alive(pid)
	})
}

// TestDaemonGivesUp: the state is right where the status lies.
func TestDaemonGivesUp(t *testing.T) {
	r := newRig(t)
	await := r.follow(pm2.TopicEvent)
	r.start(`process.exit(1)`, 1, `restart_delay: 2500, max_restarts: 2, min_uptime: 20000`)
	backoff := false
	r.until("that PM2 gives up", func() bool {
		p := r.describe(0)
		if p.State() == pm2.Backoff && !backoff {
			backoff = true
			if err := r.Start(r.soon(), 0); err == nil {
				t.Error("PM2 started one in backoff")
			}
		}
		return p.GaveUp()
	})
	if p := r.describe(0); p.Status != pm2.Waiting || p.PID != 0 || !backoff {
		t.Errorf("given up (in backoff before: %v): %+v", backoff, p)
	}
	await("the event of it", func(e pm2.Event) bool { return e.Event == "restart overlimit" && e.ID == 0 })
	r.must("restart", r.Restart(r.soon(), 0, pm2.Config{}))
	if r.describe(0).CreatedAt.IsZero() {
		t.Error("a restart does not revive it")
	}
}

// TestDaemonStops: an app with a restart delay never looks given up while it is
// only being stopped and started.
func TestDaemonStops(t *testing.T) {
	r := newRig(t)
	r.start(server, 1, `restart_delay: 5000`)
	seen := map[string]int{}
	for range 3 {
		done := make(chan error, 1)
		go func() { done <- r.Restart(r.soon(), 0, pm2.Config{}) }()
		for busy := true; busy; {
			select {
			case err := <-done:
				r.must("restart", err)
				busy = false
			default:
				p := r.describe(0)
				seen[fmt.Sprintf("%s, pid %v, created %v: %s", p.Status, p.PID > 0, !p.CreatedAt.IsZero(), p.State())]++
				if p.GaveUp() {
					t.Errorf("looks given up: %+v", p)
				}
			}
		}
	}
	t.Logf("seen: %v", seen)
}

func TestDaemonKilled(t *testing.T) {
	r := newRig(t)
	r.start(server, 2, ``)
	bus, err := pm2.Subscribe(r.soon(), r.home)
	r.must("subscribe", err)
	defer bus.Close()

	r.must("freeze", syscall.Kill(r.DaemonPID(), syscall.SIGSTOP))
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := r.List(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, pm2.ErrDaemonDead) {
		t.Errorf("a daemon that hangs: %v", err)
	}
	under := make(chan error, 1)
	go func() { _, err := r.List(r.soon()); under <- err }()
	r.must("kill", syscall.Kill(r.DaemonPID(), syscall.SIGKILL))
	if err := <-under; !errors.Is(err, pm2.ErrDaemonDead) {
		t.Errorf("the call under way: %v", err)
	}
	for range bus.Events() {
		continue // what came before
	}
	if !errors.Is(bus.Err(), pm2.ErrDaemonDead) {
		t.Errorf("the bus: %v", bus.Err())
	}
	r.until("the end of the daemon", func() bool { return !alive(r.DaemonPID()) })
	for range 3 {
		if _, err := r.List(r.soon()); !errors.Is(err, pm2.ErrDaemonDead) {
			t.Errorf("list: %v", err)
		}
		if c, err := pm2.Dial(r.soon(), r.home); !errors.Is(err, pm2.ErrDaemonDead) {
			c.Close()
			t.Errorf("dial: %v", err)
		}
		if b, err := pm2.Subscribe(r.soon(), r.home); !errors.Is(err, pm2.ErrDaemonDead) {
			b.Close()
			t.Errorf("subscribe: %v", err)
		}
	}
	if n := r.daemons(); n != 0 {
		t.Errorf("%d daemons run where one was killed", n)
	}
}

// TestDaemonDeaf: a daemon whose socket somebody removed is not a dead one.
func TestDaemonDeaf(t *testing.T) {
	r := newRig(t)
	r.must("remove", os.Remove(filepath.Join(r.home, "rpc.sock")))
	if _, err := pm2.Dial(r.soon(), r.home); !errors.Is(err, pm2.ErrDaemonDeaf) || errors.Is(err, pm2.ErrDaemonDead) {
		t.Errorf("dial: %v", err)
	}
	r.must("the connection from before", r.Ping(r.soon()))
}

// TestDaemonRoundTrip says what it costs to ask.
func TestDaemonRoundTrip(t *testing.T) {
	r := newRig(t)
	r.start(server, 4, ``)
	const n = 100
	var took []time.Duration
	before := used()
	for range n {
		begun := time.Now()
		if list, err := r.List(r.soon()); err != nil || len(list) != 4 {
			t.Fatalf("%d processes (%v)", len(list), err)
		}
		took = append(took, time.Since(begun))
	}
	spent := used() - before
	slices.Sort(took)
	t.Logf("List of 4: median %s, worst %s; %s of our CPU each", took[n/2], took[n-1], spent/n)
}

func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
