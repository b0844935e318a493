package pm2

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestCallsOnTheWire: exactly one argument, whatever the call; any other number
// kills a real daemon.
func TestCallsOnTheWire(t *testing.T) {
	cfg := Config{KillTimeout: 8 * time.Second, ListenTimeout: 1500 * time.Millisecond, NodeArgs: []string{"--inspect"}}
	const conf = `{"current_conf":{"kill_timeout":8000,"listen_timeout":1500,"node_args":["--inspect"]}}`
	for _, tt := range []struct {
		make   func(context.Context, *Client) error
		method string
		arg    string
	}{
		{func(ctx context.Context, c *Client) error { _, err := c.List(ctx); return err }, "getMonitorData", `{}`},
		{func(ctx context.Context, c *Client) error { _, err := c.Version(ctx); return err }, "getVersion", `{}`},
		{func(ctx context.Context, c *Client) error { return c.Ping(ctx) }, "ping", `{}`},
		{func(ctx context.Context, c *Client) error { return c.Start(ctx, 3) }, "startProcessId", `3`},
		{func(ctx context.Context, c *Client) error { return c.Stop(ctx, 3) }, "stopProcessId", `3`},
		{func(ctx context.Context, c *Client) error { return c.Delete(ctx, 3) }, "deleteProcessId", `3`},
		{func(ctx context.Context, c *Client) error { return c.Duplicate(ctx, 3) }, "duplicateProcessId", `3`},
		{func(ctx context.Context, c *Client) error { return c.Reset(ctx, 3) }, "resetMetaProcessId", `3`},
		{func(ctx context.Context, c *Client) error { return c.Restart(ctx, 3, Config{}) }, "restartProcessId", `{"id":3,"env":{}}`},
		{func(ctx context.Context, c *Client) error {
			return c.Restart(ctx, 3, Config{Env: map[string]string{"NODE_APP_INSTANCE": "0"}})
		}, "restartProcessId", `{"id":3,"env":{"NODE_APP_INSTANCE":0}}`},
		{func(ctx context.Context, c *Client) error { return c.Restart(ctx, 3, cfg) }, "restartProcessId", `{"id":3,"env":` + conf + `}`},
		{func(ctx context.Context, c *Client) error { return c.Reload(ctx, 3, Config{}) }, "reloadProcessId", `{"id":3,"env":{}}`},
		{func(ctx context.Context, c *Client) error { return c.Reload(ctx, 3, cfg) }, "reloadProcessId", `{"id":3,"env":` + conf + `}`},
	} {
		f := newFake(t)
		c := f.dial(t)
		done := make(chan error, 1)
		go func() { done <- tt.make(soon(t), c) }()
		got := f.next(t)
		if want := `{"type":"call","method":"` + tt.method + `","args":[` + tt.arg + `]}`; got.body != want {
			t.Errorf("sent %s, want %s", got.body, want)
		}
		got.answer(t, `{"args":[[]]}`)
		if err := <-done; err != nil {
			t.Errorf("%s: %v", tt.method, err)
		}
	}
}

func TestAnswersOutOfOrder(t *testing.T) {
	f := newFake(t)
	c := f.dial(t)
	const n = 50
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := c.Stop(soon(t), i)
			var refused *RefusedError
			if !errors.As(err, &refused) || refused.Reason != fmt.Sprintf("no %d", i) {
				t.Errorf("call %d got %v", i, err)
			}
		})
	}
	var calls []call
	for range n {
		calls = append(calls, f.next(t))
	}
	for i := range calls {
		last := calls[n-1-i]
		id := strings.TrimSuffix(last.body[strings.Index(last.body, "[")+1:], "]}")
		last.answer(t, `{"error":"no `+id+`","stack":"x"}`)
	}
	wg.Wait()
}

func TestAnswersThatFail(t *testing.T) {
	for _, tt := range []struct {
		answer string
		want   error
		text   string
	}{
		{`{"error":"3 id unknown","stack":"Error: ..."}`, ErrUnknownID, "3 id unknown"},
		{`{"error":"3 : id unknown"}`, ErrUnknownID, ""},
		{`{"error":"PM2 ID unknown"}`, ErrUnknownID, ""},
		{`{"error":"God db process id unknown"}`, ErrUnknownID, ""},
		{`{"error":"Process with pid 7 already exists"}`, nil, "PM2 refuses: Process with pid 7 already exists"},
		{`{"error":""}`, nil, "PM2 refuses: "},
		{`{"error":{"code":"X"}}`, nil, `{"code":"X"}`},
		{`{"args":[`, nil, "is not JSON"},
	} {
		f := newFake(t)
		c := f.dial(t)
		done := make(chan error, 1)
		go func() { done <- c.Start(soon(t), 3) }()
		f.next(t).answer(t, tt.answer)
		err := <-done
		if err == nil || !strings.Contains(err.Error(), tt.text) || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v", tt.answer, err)
		}
	}
}

// TestContextEndsOneCall: a call that is given up, before or after it was sent,
// leaves the others and the connection alone.
func TestContextEndsOneCall(t *testing.T) {
	f := newFake(t)
	c := f.dial(t)
	past, cancel := context.WithDeadline(context.Background(), time.Unix(1, 0))
	defer cancel()
	if err := c.Ping(past); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a deadline in the past: %v", err)
	}
	ctx, giveUp := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Ping(ctx) }()
	slow := f.next(t)
	giveUp()
	if err := <-done; !errors.Is(err, context.Canceled) || errors.Is(err, ErrDaemonDead) {
		t.Errorf("given up: %v", err)
	}
	go func() { done <- c.Ping(soon(t)) }()
	next := f.next(t)
	slow.answer(t, `{"args":[{"msg":"pong"}]}`)
	next.answer(t, `{"args":[{"msg":"pong"}]}`)
	if err := <-done; err != nil {
		t.Errorf("the next call: %v", err)
	}
}

// TestDaemonThatReadsNothing: the socket's buffers fill, a write is cut off in
// the middle, and nothing hangs.
func TestDaemonThatReadsNothing(t *testing.T) {
	home := shortDir(t)
	l, err := net.Listen("unix", filepath.Join(home, "rpc.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := Dial(soon(t), home)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	huge := Config{NodeArgs: []string{strings.Repeat("x", 1<<20)}}
	err = c.Restart(ctx, 1, huge)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrDaemonDead) {
		t.Errorf("cut off: %v", err)
	}
	if err := c.Ping(soon(t)); err == nil {
		t.Error("a call was sent after half a frame")
	}
}

func TestDaemonDiesUnderCalls(t *testing.T) {
	f := newFake(t)
	c := f.dial(t)
	done := make(chan error, 3)
	for range 3 {
		go func() { done <- c.Ping(soon(t)) }()
		f.next(t)
	}
	f.hangUp()
	for range 3 {
		if err := <-done; !errors.Is(err, ErrDaemonDead) {
			t.Errorf("call under way: %v", err)
		}
	}
	if err := c.Ping(soon(t)); !errors.Is(err, ErrDaemonDead) {
		t.Errorf("later call: %v", err)
	}
}

func TestClose(t *testing.T) {
	f := newFake(t)
	c := f.dial(t)
	done := make(chan error, 1)
	go func() { done <- c.Ping(soon(t)) }()
	f.next(t)
	c.Close()
	if err := <-done; !errors.Is(err, ErrClosed) || errors.Is(err, ErrDaemonDead) {
		t.Errorf("call under way: %v", err)
	}
}

func TestGarbage(t *testing.T) {
	f := newFake(t)
	c := f.dial(t)
	done := make(chan error, 1)
	go func() { done <- c.Ping(soon(t)) }()
	if _, err := io.WriteString(f.next(t).conn, "HTTP/1.1 400 Bad Request\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil || errors.Is(err, ErrDaemonDead) {
		t.Errorf("after garbage: %v", err)
	}
}

func TestReloadsDoNotOverlap(t *testing.T) {
	f := newFake(t)
	c := f.dial(t)
	ctx, giveUp := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Reload(ctx, 3, Config{}) }()
	first := f.next(t)
	giveUp()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := c.Reload(soon(t), 3, Config{}); !errors.Is(err, ErrReloading) {
		t.Errorf("while the daemon works on one: %v", err)
	}
	go func() { done <- c.Reload(soon(t), 4, Config{}) }()
	other := f.next(t)
	first.answer(t, `{"args":[{}]}`)
	other.answer(t, `{"args":[{}]}`)
	if err := <-done; err != nil {
		t.Errorf("another process: %v", err)
	}
	go func() { done <- c.Reload(soon(t), 3, Config{}) }()
	f.next(t).answer(t, `{"args":[{}]}`)
	if err := <-done; err != nil {
		t.Errorf("once the first is over: %v", err)
	}
}

func TestConfigRefuses(t *testing.T) {
	c := newFake(t).dial(t)
	for _, cfg := range []Config{{KillTimeout: -time.Second}, {ListenTimeout: time.Microsecond}} {
		if c.Restart(soon(t), 1, cfg) == nil || c.Reload(soon(t), 1, cfg) == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}

func TestDialWithoutDaemon(t *testing.T) {
	sleeper := start(t, nil)
	for name, tt := range map[string]struct {
		pid  string // of pm2.pid
		sock bool   // a stale one
		want error
	}{
		"nothing":                      {"", false, ErrDaemonDead},
		"a stale socket":               {"", true, ErrDaemonDead},
		"a dead daemon's pid":          {"2147483646", true, ErrDaemonDead},
		"a pid that is another's":      {strconv.Itoa(os.Getpid()), true, ErrDaemonDead},
		"a live daemon without socket": {strconv.Itoa(sleeper), false, ErrDaemonDeaf},
		"a live daemon that is deaf":   {strconv.Itoa(sleeper) + "\n", true, ErrDaemonDeaf},
	} {
		t.Run(name, func(t *testing.T) {
			home := shortDir(t)
			if tt.pid != "" {
				if err := os.WriteFile(filepath.Join(home, "pm2.pid"), []byte(tt.pid), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if tt.sock {
				for _, name := range []string{"rpc.sock", "pub.sock"} {
					l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(home, name), Net: "unix"})
					if err != nil {
						t.Fatal(err)
					}
					l.SetUnlinkOnClose(false)
					l.Close()
				}
			}
			if _, err := Dial(soon(t), home); !errors.Is(err, tt.want) {
				t.Errorf("Dial: %v", err)
			}
			if _, err := Subscribe(soon(t), home); !errors.Is(err, tt.want) {
				t.Errorf("Subscribe: %v", err)
			}
		})
	}
}

// start runs a process that calls itself PM2's daemon, with files as its
// descriptors from 3, and returns its pid.
func start(t *testing.T, files []*os.File) int {
	t.Helper()
	cmd := exec.Command("sleep", "60")
	cmd.Args[0] = "PM2 v7.0.4: God Daemon (/tmp/x)"
	cmd.ExtraFiles = files
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd.Process.Pid
}

func TestDaemonPID(t *testing.T) {
	home := shortDir(t)
	if _, err := DaemonPID(home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	for text, want := range map[string]int{"42": 42, " 42\n": 42, "": 0, "x": 0, "-1": 0} {
		if err := os.WriteFile(filepath.Join(home, "pm2.pid"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if pid, err := DaemonPID(home); pid != want || (err == nil) != (want != 0) {
			t.Errorf("%q: %d, %v", text, pid, err)
		}
	}
	if pid := newFake(t).dial(t).DaemonPID(); pid != os.Getpid() {
		t.Errorf("the peer's pid is %d", pid)
	}
}

// pair is one end of a channel as Node has it, and a plain file.
func pair(t *testing.T) (socket, file *os.File) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	socket = os.NewFile(uintptr(fds[0]), "channel")
	other := os.NewFile(uintptr(fds[1]), "channel")
	if file, err = os.Open(os.DevNull); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close(); other.Close(); file.Close() })
	return socket, file
}

// TestWorkersThatCannotBeSpokenTo: nothing is sent to PM2 that would make it
// signal its own group, or end itself over a closed channel.
func TestWorkersThatCannotBeSpokenTo(t *testing.T) {
	socket, file := pair(t)
	open, closed, reused := start(t, []*os.File{socket}), start(t, nil), start(t, []*os.File{file})
	for _, tt := range []struct {
		row    string
		signal error
		send   error
	}{
		{row(open, "online"), nil, nil},
		{row(open, "launching"), nil, nil},
		{row(closed, "online"), nil, ErrLeft},
		{row(reused, "online"), nil, ErrLeft},
		{row(0, "stopped"), ErrNotRunning, ErrNotRunning},
		{row(0, "online"), ErrNotRunning, ErrNotRunning},
		{row(open, "waiting restart"), ErrNotRunning, ErrNotRunning},
		{row(2147483646, "online"), ErrNotRunning, ErrLeft},
		{`{"pm_id":4}`, ErrUnknownID, ErrUnknownID},
	} {
		f := newFake(t)
		c := f.dial(t)
		var mu sync.Mutex
		sent := 0
		go func() {
			for call := range f.calls {
				if strings.Contains(call.body, "sendDataToProcessId") {
					mu.Lock()
					sent++
					mu.Unlock()
				}
				call.answer(t, `{"args":[[`+tt.row+`]]}`)
			}
		}()
		if err := c.Signal(soon(t), 3, "SIGCONT"); !errors.Is(err, tt.signal) {
			t.Errorf("%s: Signal: %v", tt.row, err)
		}
		if err := c.Send(soon(t), 3, "topic", 1); !errors.Is(err, tt.send) {
			t.Errorf("%s: Send: %v", tt.row, err)
		}
		if err := c.Leave(soon(t), 3); !errors.Is(err, tt.send) {
			t.Errorf("%s: Leave: %v", tt.row, err)
		}
		if tt.send == nil { // now it has left
			tt.send = ErrLeft
			if err := c.Leave(soon(t), 3); !errors.Is(err, ErrLeft) {
				t.Errorf("%s: second Leave: %v", tt.row, err)
			}
			sent -= 2
		}
		mu.Lock()
		if sent != 0 {
			t.Errorf("%s: %d messages too many", tt.row, sent)
		}
		mu.Unlock()
	}
}

func row(pid int, status string) string {
	return fmt.Sprintf(`{"pid":%d,"pm_id":3,"pm2_env":{"status":%q,"exec_mode":"cluster_mode","autorestart":true}}`, pid, status)
}

func TestSendRefuses(t *testing.T) {
	c := newFake(t).dial(t)
	if err := c.Send(soon(t), 3, "", 1); err == nil {
		t.Error("an empty topic was taken")
	}
	if err := c.Signal(soon(t), 3, "SIGNONE"); err == nil {
		t.Error("an unknown signal was taken")
	}
}
