package drain_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// These tests drive the code that runs inside a worker in a real Node, without
// PM2. There is no cluster here, so that they find the servers by the heap search.

// stubborn starts testdata/stubborn.js and returns its pid.
func stubborn(t *testing.T, port int, env []string, args ...string) int {
	t.Helper()
	rolls(t)
	cmd := exec.Command("node", append(args, "testdata/stubborn.js", fmt.Sprint(port))...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "listening\n" {
		t.Fatalf("node said %q: %v", line, err)
	}
	return cmd.Process.Pid
}

// client is a connection that sends what it is told.
type client struct {
	net.Conn
	r *bufio.Reader
}

func connect(t *testing.T, port int) client {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	return client{conn, bufio.NewReader(conn)}
}

func (c client) send(path string) error {
	_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	return err
}

func (c client) receive() (*http.Response, error) {
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp, err
}

func TestDrainAnnouncesTheCloseWhateverTheAppSays(t *testing.T) {
	const port = 25201
	pid := stubborn(t, port, nil)
	paths := []string{"/", "/set", "/object", "/array", "/pairs"}
	clients := map[string]client{}
	for _, path := range paths {
		c := connect(t, port)
		clients[path] = c
		if err := c.send("/"); err != nil {
			t.Fatal(err)
		}
		if resp, err := c.receive(); err != nil || resp.Close {
			t.Fatalf("before the drain: %v %v", resp, err)
		}
	}
	slow, idle := connect(t, port), connect(t, port)
	if err := errors.Join(slow.send("/slow"), idle.send("/")); err != nil {
		t.Fatal(err)
	}
	if _, err := idle.receive(); err != nil {
		t.Fatal(err)
	}
	silent := connect(t, port) // never sends a byte
	var wg sync.WaitGroup
	var res drain.Result
	var err error
	wg.Go(func() {
		res, err = drain.Drainer{Inspector: drain.Always}.Drain(t.Context(), drain.Worker{PID: pid, Port: port})
	})
	refused(t, port)
	for _, path := range paths {
		c := clients[path]
		if err := c.send(path); err != nil {
			t.Error(err)
		}
		resp, err := c.receive()
		if err != nil || resp.StatusCode != 200 || !resp.Close {
			t.Errorf("%s during the drain: %+v %v", path, resp, err)
		}
	}
	if resp, err := slow.receive(); err != nil || !resp.Close {
		t.Errorf("/slow, begun before the drain: %+v %v", resp, err)
	}
	wg.Wait()
	if err != nil || res.Means != drain.Inspector || res.InFlight != 0 || res.Idle != 2 {
		t.Errorf("drain: %+v %v", res, err)
	}
	if f := res.Facts; f == nil || f.Servers != 1 || f.InFlight != 1 || f.Open != 8 {
		t.Errorf("facts: %+v", f)
	}
	for _, c := range []client{idle, silent} {
		if _, err := c.r.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("an idle connection ends with %v, want a clean end", err)
		}
	}
	if !host.Alive(pid) {
		t.Error("the drain ended the process")
	}
}

// refused waits until nobody listens on the port.
func refused(t *testing.T, port int) {
	t.Helper()
	for range 500 {
		if socks, err := host.Listeners(port); err == nil && len(socks) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the server went on listening")
}

func TestDrainGivesUpAtTheDeadline(t *testing.T) {
	const port = 25202
	pid := stubborn(t, port, nil)
	c := connect(t, port)
	if err := c.send("/forever"); err != nil {
		t.Fatal(err)
	}
	if _, err := http.ReadResponse(c.r, nil); err != nil {
		t.Fatal(err)
	}
	res, err := drain.Drainer{Deadline: 2 * time.Second, Inspector: drain.Always}.Drain(t.Context(), drain.Worker{PID: pid, Port: port})
	if err != nil || res.InFlight != 1 || res.Took > 5*time.Second {
		t.Errorf("drain: %+v %v", res, err)
	}
}

// TestDrainEndsStreamsAtTheirDeadline: what may have no end is not waited for as long as
// an answer is, and as long as PM2 would have waited.
func TestDrainEndsStreamsAtTheirDeadline(t *testing.T) {
	for i, tc := range []struct {
		name        string
		paths       []string
		killTimeout time.Duration
		streams     int
		least, most time.Duration
	}{
		{"event stream", []string{"/events"}, 0, 1, 1600 * time.Millisecond, 8 * time.Second},
		{"a longer kill timeout", []string{"/events"}, 4 * time.Second, 1, 4 * time.Second, 9 * time.Second},
		{"event stream beside an answer that is due", []string{"/events", "/forever"}, 0, 1, 10 * time.Second, time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			port := 25230 + i
			pid := stubborn(t, port, nil)
			for _, path := range tc.paths {
				c := connect(t, port)
				if err := c.send(path); err != nil {
					t.Fatal(err)
				}
				if _, err := http.ReadResponse(c.r, nil); err != nil {
					t.Fatal(err)
				}
			}
			d := drain.Drainer{Deadline: 10 * time.Second, StreamDeadline: time.Second, Inspector: drain.Always}
			res, err := d.Drain(t.Context(), drain.Worker{PID: pid, Port: port, KillTimeout: tc.killTimeout})
			if err != nil || res.InFlight != len(tc.paths) || res.Streams != tc.streams || res.Took < tc.least || res.Took > tc.most {
				t.Errorf("drain: %+v %v", res, err)
			}
			res.Release()
		})
	}
}

// TestDrainKnowsUpgradedConnections: a WebSocket has no end either.
func TestDrainKnowsUpgradedConnections(t *testing.T) {
	const port = 25233
	pid := stubborn(t, port, nil)
	c := connect(t, port)
	if _, err := fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := http.ReadResponse(c.r, nil); err != nil {
		t.Fatal(err)
	}
	d := drain.Drainer{Deadline: 20 * time.Second, StreamDeadline: time.Second, Inspector: drain.Always}
	res, err := d.Drain(t.Context(), drain.Worker{PID: pid, Port: port})
	if err != nil || res.InFlight != 1 || res.Streams != 1 || res.Took > 10*time.Second {
		t.Errorf("drain: %+v %v", res, err)
	}
	res.Release()
}

func TestProbeLeavesNothingBehind(t *testing.T) {
	const port = 25203
	pid := stubborn(t, port, nil)
	for range 2 { // the inspector must open a second time
		f, err := drain.Drainer{Inspector: drain.Always}.Probe(t.Context(), pid)
		if err != nil || f.Servers != 1 || f.Sigint != 0 || f.Node == "" {
			t.Fatalf("probe: %+v %v", f, err)
		}
		if socks, err := host.Listeners(9229); err != nil || len(socks) != 0 {
			t.Errorf("the inspector is still open: %v %v", socks, err)
		}
	}
	c := connect(t, port)
	if err := c.send("/"); err != nil {
		t.Fatal(err)
	}
	if resp, err := c.receive(); err != nil || resp.Close {
		t.Errorf("after the probe: %+v %v", resp, err)
	}
}

func TestInspectorRefused(t *testing.T) {
	for i, tc := range []struct {
		name string
		env  []string
		args []string
		take bool
		want string
	}{
		{"app listens for SIGUSR1", []string{"OWN_SIGUSR1=1"}, nil, false, "SIGUSR1 listener of its own"},
		{"node runs without it", nil, []string{"--disable-sigusr1"}, false, "SIGUSR1"},
		{"port is taken", nil, nil, true, fmt.Sprintf("held by process %d", os.Getpid())},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rolls(t)
			if help, err := exec.Command("node", "--help").Output(); err != nil || len(tc.args) > 0 && !strings.Contains(string(help), tc.args[0]) {
				t.Skipf("this node has no %v (%v)", tc.args, err)
			}
			pid := stubborn(t, 25204+i, tc.env, tc.args...)
			if tc.take {
				l, err := net.Listen("tcp", "127.0.0.1:9229")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
			}
			_, err := drain.Drainer{Inspector: drain.Always}.Probe(t.Context(), pid)
			if !errors.Is(err, drain.ErrInspector) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("probe: %v, want %q in it", err, tc.want)
			}
			t.Log(err)
			if !host.Alive(pid) {
				t.Error("the probe killed the process")
			}
		})
	}
}
