package drain_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

// start starts an app under a PM2 of its own, and waits until it listens.
func start(t *testing.T, app string, port int, settings string) cluster {
	t.Helper()
	c := startUnready(t, app, port, settings)
	c.ready(t)
	return c
}

// startUnready starts an app under a PM2 of its own.
func startUnready(t *testing.T, app string, port int, settings string) cluster {
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
	text := fmt.Sprintf("module.exports = {apps: [{name: 'app', script: %q, exec_mode: 'cluster', instances: 4, env: {PORT: %d, ACCESS_SOCKET: %q}, %s}]}",
		script, port, keepJournal(t, home), settings)
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
	return cluster{home, port, client}
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
	c.forget(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var lost []evidence.Request
	var tallies []evidence.Tally
	over := make(chan error, 1)
	go func() {
		var err error
		tallies, err = load.Run(ctx, c.plan(), func(l evidence.Line) {
			if r := l.Request; r != nil && r.Class != evidence.Answered {
				lost = append(lost, *r)
			}
		})
		over <- err
	}()
	time.Sleep(2 * time.Second) // a load in full flight
	begun := time.Now()
	if err := act(); err != nil {
		t.Error(err)
	}
	took := time.Since(begun)
	time.Sleep(time.Second) // a loss may come late
	stop()
	if err := <-over; err != nil {
		t.Fatal(err)
	}
	drops := map[string]int{}
	line := fmt.Sprintf("took %6.2fs:", took.Seconds())
	for _, tally := range tallies {
		drops[tally.Lane] = 0
		for class, n := range tally.Counts {
			if class.Dropped() {
				drops[tally.Lane] += n
			}
		}
		line += fmt.Sprintf(" %s %d/%d", tally.Lane, drops[tally.Lane], tally.Owed)
	}
	t.Log(line)
	c.explain(t, lost)
	return drops
}

// plan is the load: 20 ms of work on new and on reused connections, and requests
// of 2 s.
func (c cluster) plan() load.Plan {
	work := 20 * time.Millisecond
	return load.Plan{URL: fmt.Sprintf("http://127.0.0.1:%d", c.port), Noise: true, Lanes: []load.Lane{
		{Name: "short", Kind: load.Short, Rate: 100, Timeout: 5 * time.Second, Work: work},
		{Name: "keepalive", Kind: load.KeepAlive, Rate: 100, Timeout: 5 * time.Second, Conns: 20, Work: work},
		{Name: "long", Kind: load.Long, Rate: 10, Timeout: 8 * time.Second, Work: 2 * time.Second},
	}}
}

// keepJournal takes what the servers write in their journals into one file, and returns the
// socket for them to write to.
func keepJournal(t *testing.T, home string) (socket string) {
	t.Helper()
	socket = filepath.Join(home, "access.sock")
	ln, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	file, err := os.OpenFile(filepath.Join(home, "journal"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	go func() {
		for {
			server, err := ln.Accept()
			if err != nil {
				return // the test is over
			}
			go func() {
				defer server.Close()
				_, _ = io.Copy(file, server) // what is missing is missed below
			}()
		}
	}()
	return socket
}

// forget empties the servers' journals.
func (c cluster) forget(t *testing.T) {
	t.Helper()
	if err := os.Truncate(filepath.Join(c.home, "journal"), 0); err != nil {
		t.Error(err)
	}
}

// explain lists the first losses beside what the servers' journals know of them.
func (c cluster) explain(t *testing.T, lost []evidence.Request) {
	t.Helper()
	for _, r := range lost[:min(len(lost), 10)] {
		t.Logf("     %s due %v took %v: %s conn %d reused %v %s %s", r.ID, r.Due, r.Done-r.Due, r.Class, r.Conn, r.Reused, r.Phase, r.Detail)
		out, _ := exec.Command("grep", fmt.Sprintf("%q", r.ID), filepath.Join(c.home, "journal")).CombinedOutput()
		t.Logf("       journal: %s", out)
	}
}

// roller rolls the cluster's app. PM2DRILL_DRAIN_TALK=1 has it say how each
// worker went.
func (c cluster) roller(t *testing.T, policy drain.Policy) drain.Roller {
	talk := os.Getenv("PM2DRILL_DRAIN_TALK") != ""
	return drain.Roller{
		Drainer: drain.Drainer{PM2: c.pm2, Inspector: policy, Deadline: 10 * time.Second},
		Home:    c.home, App: "app", Port: c.port, URL: c.url(), Soak: time.Second,
		Done: func(r drain.Replacement, err error) {
			if talk {
				t.Logf("    %v worker %d: %+v facts %+v; %v", host.Now(), r.ID, r, r.Drain.Facts, err)
			}
		},
	}
}
