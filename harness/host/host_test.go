package host

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const rest = " S 7 1 1 0 -1 4194304 100 0 0 0 12 30 0 0 20 0 11 0 5551 1000000 250 184"
	for line, want := range map[string]Proc{
		"42 (node)" + rest:                 {PID: 42, PPID: 7, Comm: "node", State: 'S', Ticks: 42, Start: 5551, RSS: 250 * int64(os.Getpagesize())},
		"42 (PM2 v7.0.4: God)" + rest:      {PID: 42, PPID: 7, Comm: "PM2 v7.0.4: God", State: 'S', Ticks: 42, Start: 5551, RSS: 250 * int64(os.Getpagesize())},
		"42 (a) S (b))" + rest:             {PID: 42, PPID: 7, Comm: "a) S (b)", State: 'S', Ticks: 42, Start: 5551, RSS: 250 * int64(os.Getpagesize())},
		"42 (line\nbreak)" + rest:          {PID: 42, PPID: 7, Comm: "line\nbreak", State: 'S', Ticks: 42, Start: 5551, RSS: 250 * int64(os.Getpagesize())},
		"42 (node) S 7":                    {},
		"":                                 {},
		")(":                               {},
		"x (node)" + rest:                  {},
		"42 (node)" + rest[:20] + " x y z": {},
	} {
		got, err := parseStat([]byte(line))
		if got != want || (err == nil) != (want != Proc{}) {
			t.Errorf("%q: %+v (%v), want %+v", line, got, err, want)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("42 (node) S 7 1 1 0 -1 4194304 100 0 0 0 12 30 0 0 20 0 11 0 5551 1000000 250 184"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if p, err := parseStat(line); err == nil && !strings.Contains(string(line), p.Comm) {
			t.Errorf("%q has no process %q", line, p.Comm)
		}
	})
}

func FuzzParseDiag(f *testing.F) {
	f.Add(make([]byte, 72))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = parseDiag(b) })
}

// sleeper starts a child process that does nothing.
func sleeper(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // the test may have done so
		_ = cmd.Wait()
	})
	return cmd
}

func TestProcesses(t *testing.T) {
	child := sleeper(t).Process
	p, err := Stat(child.Pid)
	if err != nil || p.PPID != os.Getpid() || !Alive(child.Pid) {
		t.Errorf("%+v (%v)", p, err)
	}
	for name, children := range map[string]func(int) ([]int, error){"listed": Children, "scanned": scanChildren} {
		if pids, err := children(os.Getpid()); err != nil || !slices.Contains(pids, child.Pid) {
			// A child forked by another thread is not in the main thread's list.
			if name == "scanned" {
				t.Errorf("%s: children %v (%v) lack %d", name, pids, err, child.Pid)
			}
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	for cmd := ""; cmd != "sleep 60"; { // until the child has become sleep
		if cmd, err = Cmdline(child.Pid); err != nil || time.Now().After(deadline) {
			t.Fatalf("command line %q (%v)", cmd, err)
		}
	}
	if _, caught, err := SignalMasks(os.Getpid()); err != nil || caught == 0 {
		t.Errorf("this process catches %x (%v)", caught, err)
	}
}

func TestExited(t *testing.T) {
	cmd := sleeper(t)
	gone, err := Exited(t.Context(), cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-gone:
		t.Fatal("it counts as gone while it runs")
	case <-time.After(20 * time.Millisecond):
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Fatal("its end was not seen")
	}
	if Alive(cmd.Process.Pid) {
		t.Error("a zombie counts as alive")
	}
	_ = cmd.Wait() // it was killed
	if _, err := Stat(cmd.Process.Pid); !errors.Is(err, ErrNoProcess) {
		t.Errorf("its stat: %v", err)
	}
	if _, err := Exited(t.Context(), cmd.Process.Pid); !errors.Is(err, ErrNoProcess) {
		t.Errorf("watching it now: %v", err)
	}
}

func TestSockets(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0"} {
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			t.Logf("no %s on this machine", addr)
			continue
		}
		defer ln.Close()
		port := ln.Addr().(*net.TCPAddr).Port
		client, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		for _, likely := range [][]int{nil, {1}, {os.Getpid()}} {
			got, err := Listeners(port, likely...)
			if err != nil || len(got) != 1 || got[0].PID != os.Getpid() || got[0].RecvQ != 1 {
				t.Errorf("%s, likely %v: listeners %+v (%v), want ours with one connection waiting", addr, likely, got, err)
			}
		}
		server, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		got, err := Established(port, os.Getpid())
		if err != nil || len(got) != 1 || got[0].PID != os.Getpid() || got[0].Remote.String() != client.LocalAddr().String() {
			t.Errorf("%s: connections %+v (%v)", addr, got, err)
		}
		if got, err := Established(port); err != nil || len(got) != 1 || got[0].PID != 0 {
			t.Errorf("%s: connections %+v (%v), want one without an owner", addr, got, err)
		}
	}
	if got, err := Listeners(1); err != nil || len(got) != 0 {
		t.Errorf("listeners on a port nobody has: %+v (%v)", got, err)
	}
}

// TestListenersThatClose opens and closes a port while it is looked at: whoever
// is seen to listen has an owner, for this process hides nothing from itself.
func TestListenersThatClose(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().(*net.TCPAddr)
	over := make(chan struct{})
	t.Cleanup(func() { over <- struct{}{} })
	go func() {
		for {
			ln.Close()
			select {
			case <-over:
				return
			default:
				if ln, err = net.Listen("tcp", addr.String()); err != nil {
					<-over
					return
				}
			}
		}
	}()
	for range 300 {
		got, err := Listeners(addr.Port)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(got, isOwnerless) {
			t.Fatalf("listeners %+v: one has no owner", got)
		}
	}
}

func TestClock(t *testing.T) {
	a, b := Now(), Now()
	if a <= 0 || b < a {
		t.Errorf("the clock reads %s, then %s", a, b)
	}
	if id, err := BootID(); err != nil || len(id) != 36 {
		t.Errorf("boot id %q (%v)", id, err)
	}
}
