package observer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

const appPort = 28517

// TestMain lets the test binary be the observer, in a process of its own whose
// CPU time can be read.
func TestMain(m *testing.M) {
	if home := os.Getenv("PM2DRILL_BE_THE_OBSERVER"); home != "" {
		if err := Agent(context.Background(), Config{Space: host.Here(), Home: home, App: "app", Port: appPort}, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// realApp starts a PM2 daemon of its own with a four-worker app.
func realApp(t *testing.T) (home string) {
	t.Helper()
	if os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skip("set PM2DRILL_DAEMON_TEST=1 to run against a real PM2; make test-daemon does")
	}
	home = t.TempDir()
	app := filepath.Join(t.TempDir(), "server.js")
	text := fmt.Sprintf("require('http').createServer((q, r) => r.end('ok')).listen(%d)", appPort)
	if err := os.WriteFile(app, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("pm2", "start", app, "--name", "app", "-i", "4")
	cmd.Env = append(os.Environ(), "PM2_HOME="+home)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("pm2 start: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if pid, err := pm2.DaemonPID(home); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have gone in the test
		}
	})
	return home
}

// seen is what an observer has printed so far.
type seen struct {
	mu     sync.Mutex
	record evidence.Record
	rest   []byte
}

func (s *seen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = append(s.rest, b...)
	for {
		line, rest, ok := bytes.Cut(s.rest, []byte("\n"))
		if !ok {
			return len(b), nil
		}
		var l evidence.Line
		if err := json.Unmarshal(line, &l); err != nil {
			return 0, err
		}
		s.record.Add(l)
		s.rest = rest
	}
}

// waits polls what was seen until it holds, and returns that record.
func (s *seen) waits(t *testing.T, what string, holds func(*evidence.Record) bool) evidence.Record {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		s.mu.Lock()
		r, ok := s.record, holds(&s.record)
		s.mu.Unlock()
		if ok {
			return r
		}
		if time.Now().After(deadline) {
			t.Fatalf("the observer did not see %s; its last snapshot: %+v", what, r.Snapshots[max(0, len(r.Snapshots)-1):])
		}
	}
}

func last(r *evidence.Record) evidence.Snapshot {
	if len(r.Snapshots) == 0 {
		return evidence.Snapshot{}
	}
	return r.Snapshots[len(r.Snapshots)-1]
}

func alive(s evidence.Snapshot) (n int) {
	for _, w := range s.Workers {
		if w.Alive && w.Status == "online" {
			n++
		}
	}
	return n
}

func TestDaemonIsObserved(t *testing.T) {
	home := realApp(t)
	ctx, stop := context.WithCancel(t.Context())
	s := &seen{}
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, Config{Space: host.Here(), Home: home, App: "app", Port: appPort, AlertAddr: "127.0.0.1:28518", Files: []string{t.TempDir()}}, asked{}, s)
	}()
	calm := s.waits(t, "a cluster of four", func(r *evidence.Record) bool {
		l := last(r)
		return alive(l) == 4 && len(l.Children) == 4 && len(l.Listeners) == 1 && l.Listeners[0].PID == l.Daemon
	})
	before := last(&calm)
	victim := before.Workers[1]
	if l := before.Listeners[0]; l.Addr == "" {
		t.Errorf("the listener %+v has no address", l)
	}
	s.waits(t, "PM2's own log", func(r *evidence.Record) bool {
		return slices.ContainsFunc(r.Files, func(f evidence.File) bool { return f.Log && f.Path == filepath.Join(home, "pm2.log") })
	})

	killed := host.Now()
	if err := syscall.Kill(victim.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r := s.waits(t, "the exit", func(r *evidence.Record) bool { _, ok := r.ExitOf(victim.PID); return ok })
	if e, _ := r.ExitOf(victim.PID); e.ID != victim.ID || e.At-killed > 200*time.Millisecond {
		t.Errorf("the exit of worker %d was seen as %+v, %s after the kill", victim.ID, e, e.At-killed)
	} else if e.Known() && e.Signal != "SIGKILL" { // an older kernel does not tell
		t.Errorf("the exit of worker %d was seen as %+v, and SIGKILL ended it", victim.ID, e)
	}
	s.waits(t, "its successor", func(r *evidence.Record) bool {
		for _, w := range last(r).Workers {
			if w.ID == victim.ID && w.Alive && w.PID != victim.PID {
				return true
			}
		}
		return false
	})
	for _, body := range []string{`{"cause":"x"}`, `not JSON`} {
		resp, err := http.Post("http://127.0.0.1:28518/", "application/json", strings.NewReader(body))
		if err != nil || resp.StatusCode != http.StatusNoContent {
			t.Fatalf("alert: %v %v", resp, err)
		}
		resp.Body.Close()
	}
	r = s.waits(t, "two alerts", func(r *evidence.Record) bool { return len(r.Alerts) == 2 })
	if string(r.Alerts[0].Body) != `{"cause":"x"}` || string(r.Alerts[1].Body) != `"not JSON"` {
		t.Errorf("alerts %s and %s", r.Alerts[0].Body, r.Alerts[1].Body)
	}
	if err := syscall.Kill(before.Daemon, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.waits(t, "that the daemon is dead", func(r *evidence.Record) bool { l := last(r); return l.Daemon == 0 && alive(l) == 0 })
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if pid, _ := pm2.DaemonPID(home); pid != before.Daemon {
		t.Errorf("somebody has started a daemon: pid %d", pid)
	}
}

// TestDaemonCost watches a healthy cluster of four in both ways in one run:
// with the observer, and with `pm2 jlist` once a second. What the daemon spends
// on either counts too, less what it spends when nobody looks.
func TestDaemonCost(t *testing.T) {
	const watch = 20 * time.Second
	home := realApp(t)
	daemon, err := pm2.DaemonPID(home)
	if err != nil {
		t.Fatal(err)
	}
	ticks := func(pid int) int {
		p, err := host.Stat(pid)
		if err != nil {
			t.Fatal(err)
		}
		return p.Ticks
	}
	spent := func(during func()) int {
		before := ticks(daemon)
		during()
		return ticks(daemon) - before
	}
	spent(func() { time.Sleep(5 * time.Second) }) // the start is over
	idle := spent(func() { time.Sleep(watch) })

	var own int
	observed := spent(func() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "PM2DRILL_BE_THE_OBSERVER="+home)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond) // its own start is not watching
		start := ticks(cmd.Process.Pid)
		time.Sleep(watch)
		own = ticks(cmd.Process.Pid) - start
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	})

	var polls time.Duration
	polled := spent(func() {
		for end, n := time.Now().Add(watch), 0; time.Now().Before(end); n++ {
			next := time.Now().Add(time.Second)
			cmd := exec.Command("pm2", "jlist")
			cmd.Env = append(os.Environ(), "PM2_HOME="+home)
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			polls += cmd.ProcessState.SystemTime() + cmd.ProcessState.UserTime()
			time.Sleep(time.Until(next))
		}
	})
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux Go runs on
	observer := time.Duration(own)*tick + time.Duration(max(0, observed-idle))*tick
	jlist := polls + time.Duration(max(0, polled-idle))*tick
	t.Logf("in %s: observer %s (daemon %d ticks, idle %d), pm2 jlist once a second %s", watch, observer, observed, idle, jlist)
	// Seen: 70 to 110 ms, counted in ticks of 10 ms; half of it is the daemon's, for four lists.
	if observer > jlist/25 {
		t.Errorf("the observer cost %s, more than a twenty-fifth of pm2 jlist's %s", observer, jlist)
	}
}
