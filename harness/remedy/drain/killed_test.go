package drain_test

import (
	"context"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// TestEngineChild is no test: it is the engine that the tests below end. It drains
// the worker that PM2DRILL_DRAIN_CHILD names, and waits.
func TestEngineChild(t *testing.T) {
	var home string
	var w drain.Worker
	var d drain.Drainer
	_, err := fmt.Sscan(os.Getenv("PM2DRILL_DRAIN_CHILD"), &d.Inspector, &home, &w.ID, &w.PID, &w.Port)
	if err != nil {
		t.Skip("another test runs it")
	}
	d.Guard = drain.GuardBy("/proc/self/exe", "-test.run=^TestGuardChild$")
	w.URL = fmt.Sprintf("http://127.0.0.1:%d/healthz", w.Port)
	if home != "-" {
		client, err := pm2.Dial(t.Context(), home)
		if err != nil {
			t.Fatal(err)
		}
		d.PM2 = client
	}
	_, err = d.Drain(t.Context(), w)
	t.Log(err)
	<-t.Context().Done()
}

// TestGuardChild is no test: it is the guard that the engine above posts.
func TestGuardChild(t *testing.T) {
	post := flag.Args()
	if len(post) == 0 {
		t.Skip("another test runs it")
	}
	if err := drain.StandGuard(context.Background(), post, os.Stdin); err != nil {
		t.Fatal(err)
	}
}

// TestInspectorThatOpensAfterTheEngineIsKilledIsClosed: the engine is killed when it
// has asked for the inspector and has not got it yet, and what is left of it is told to
// end, as a service manager does.
func TestInspectorThatOpensAfterTheEngineIsKilledIsClosed(t *testing.T) {
	pid := stubborn(t, 25216, nil)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	engine := drainInChild(t, drain.Always, "-", drain.Worker{PID: pid, Port: 25216})
	holds(t, 10*time.Second, "SIGUSR1 is on its way", func() bool { return pending(t, pid, syscall.SIGUSR1) })
	guards, err := host.Children(engine.Process.Pid)
	if err != nil || len(guards) != 1 {
		t.Fatalf("guards: %v %v", guards, err)
	}
	holds(t, 10*time.Second, "the guard disregards SIGTERM", func() bool {
		ignored, _, err := host.SignalMasks(guards[0])
		return err == nil && ignored&(1<<(syscall.SIGTERM-1)) != 0
	})
	if err := engine.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(guards[0], syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	holds(t, 5*time.Second, "the inspector opens", func() bool { return listened(t, 9229) })
	holds(t, 5*time.Second, "it is closed", func() bool { return !listened(t, 9229) })
	c := connect(t, 25216)
	if err := c.send("/"); err != nil {
		t.Fatal(err)
	}
	if resp, err := c.receive(); err != nil || resp.StatusCode != 200 {
		t.Errorf("afterwards: %v %v", resp, err)
	}
}

// pending reports whether a signal was sent to a process and has not arrived.
func pending(t *testing.T, pid int, sig syscall.Signal) bool {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if mask, ok := strings.CutPrefix(line, "ShdPnd:"); ok {
			n, err := strconv.ParseUint(strings.TrimSpace(mask), 16, 64)
			return err == nil && n&(1<<(sig-1)) != 0
		}
	}
	return false
}

// drainInChild starts to drain a worker in a process of its own.
func drainInChild(t *testing.T, policy drain.Policy, home string, w drain.Worker) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestEngineChild$", "-test.v")
	cmd.Env = append(os.Environ(), fmt.Sprintf("PM2DRILL_DRAIN_CHILD=%s %s %d %d %d", policy, home, w.ID, w.PID, w.Port))
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	return cmd
}

// holds polls a condition until it holds, at most as long as within.
func holds(t *testing.T, within time.Duration, what string, condition func() bool) {
	t.Helper()
	begun := time.Now()
	for !condition() {
		if time.Since(begun) > within {
			t.Fatalf("not within %s: %s", within, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("%s after %s", what, time.Since(begun).Round(time.Millisecond))
}

// listened reports whether somebody listens on the port.
func listened(t *testing.T, port int) bool {
	t.Helper()
	socks, err := host.Listeners(port)
	if err != nil {
		t.Fatal(err)
	}
	return len(socks) > 0
}

// TestDrainTakesItselfBackWhenItsEngineIsGone: whatever becomes of the engine in
// mid-drain, within seconds the worker serves as before and no inspector is open.
func TestDrainTakesItselfBackWhenItsEngineIsGone(t *testing.T) {
	for i, tc := range []struct {
		name   string
		end    syscall.Signal
		within time.Duration
	}{
		{"killed", syscall.SIGKILL, 5 * time.Second},
		{"stopped", syscall.SIGSTOP, 10 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			port := 25210 + i
			pid := stubborn(t, port, nil)
			slow := connect(t, port)
			if err := slow.send("/slow"); err != nil {
				t.Fatal(err)
			}
			engine := drainInChild(t, drain.Always, "-", drain.Worker{PID: pid, Port: port})
			refused(t, port)
			holds(t, 5*time.Second, "the inspector is closed while the drain goes on", func() bool { return !listened(t, 9229) })
			if err := engine.Process.Signal(tc.end); err != nil {
				t.Fatal(err)
			}
			holds(t, tc.within, "it listens again", func() bool { return listened(t, port) })
			if resp, err := slow.receive(); err != nil || resp.StatusCode != 200 {
				t.Errorf("the request that was being answered: %v %v", resp, err)
			}
			c := connect(t, port)
			for range 2 {
				if err := c.send("/"); err != nil {
					t.Fatal(err)
				}
				if resp, err := c.receive(); err != nil || resp.Close {
					t.Errorf("after the drain was taken back: %v %v", resp, err)
				}
			}
			if listened(t, 9229) {
				t.Error("the inspector is open")
			}
			if !host.Alive(pid) {
				t.Error("the process has ended")
			}
		})
	}
}

// TestClusterServesAgainWhenItsEngineIsKilled: the same under PM2, where the worker
// is dealt connections again; drained by Leave, it is another process that is.
func TestClusterServesAgainWhenItsEngineIsKilled(t *testing.T) {
	rolls(t)
	for i, tc := range []struct {
		policy   drain.Policy
		settings string
	}{{drain.Always, ""}, {drain.Never, ""}, {drain.Never, "pmx: false"}} {
		t.Run(string(tc.policy)+" "+tc.settings, func(t *testing.T) {
			policy := tc.policy
			c := start(t, "testdata/ticks.js", 25140+i, "instances: 2, "+tc.settings)
			list, err := c.pm2.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			gone := drain.Worker{ID: 1, PID: list[1].PID, Port: c.port}
			holds(t, 20*time.Second, "both workers are dealt connections", func() bool {
				return c.dealt(t, list[0].PID) > 0 && c.dealt(t, gone.PID) > 0
			})
			engine := drainInChild(t, policy, c.home, gone)
			holds(t, 30*time.Second, "the worker is out of the rotation", func() bool { return c.dealt(t, gone.PID) == 0 })
			if err := engine.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			holds(t, 10*time.Second, "the worker is dealt connections", func() bool {
				now, err := c.pm2.Describe(t.Context(), 1)
				return err == nil && (policy == drain.Never || now.PID == gone.PID) && c.dealt(t, now.PID) > 0
			})
			if listened(t, 9229) {
				t.Error("the inspector is open")
			}
		})
	}
}

// dealt reports how many of ten new connections end up in the process, once each of
// them has been dealt to a process of the app, or has ended with one.
func (c cluster) dealt(t *testing.T, pid int) int {
	t.Helper()
	ours := map[netip.AddrPort]bool{}
	for range 10 {
		conn := connect(t, c.port)
		defer conn.Close()
		ours[addrPort(conn.LocalAddr())] = true
	}
	mine := 0
	holds(t, 10*time.Second, "ten connections are dealt", func() bool {
		list, err := c.pm2.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pids := []int{pid}
		for _, p := range list {
			pids = append(pids, p.PID)
		}
		socks, err := host.Established(c.port, pids...)
		if err != nil {
			t.Fatal(err)
		}
		waiting := 0
		mine = 0
		for _, s := range socks {
			switch {
			case ours[s.Remote] && s.PID == pid:
				mine++
			case ours[s.Remote] && s.PID == 0:
				waiting++
			}
		}
		return waiting == 0
	})
	return mine
}
