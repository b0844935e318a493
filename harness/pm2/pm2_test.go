package pm2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// fakeDaemon listens on rpc.sock in a home of its own and hands each call to
// answer, which returns the reply's JSON, or "" for none.
func fakeDaemon(t *testing.T, answer func(method string, args []json.RawMessage) string) (home string) {
	t.Helper()
	return fakeSocket(t, "rpc.sock", func(c net.Conn) {
		r := axon.NewReader(c)
		for {
			m, err := r.Read(nil)
			if err != nil {
				return
			}
			var call struct {
				Type, Method string
				Args         []json.RawMessage
			}
			if err := axon.AsJSON(m[0], &call); err != nil || call.Type != "call" || len(call.Args) != 1 {
				t.Errorf("a call that would kill a daemon: %s", m[0])
			}
			if body := answer(call.Method, call.Args); body != "" {
				frame, _ := axon.Message{[]byte("j:" + body), m[1]}.Append(nil)
				c.Write(frame)
			}
		}
	})
}

func fakeSocket(t *testing.T, name string, serve func(net.Conn)) (home string) {
	t.Helper()
	home = t.TempDir()
	ln, err := net.Listen("unix", filepath.Join(home, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return home
}

func connect(t *testing.T, home string) *Client {
	t.Helper()
	c, err := Dial(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// row is an element of getMonitorData's result, cut down from what PM2 7.0.4
// sent, with a secret where PM2 puts every environment variable.
const row = `{"pid":4312,"name":"app","pm_id":%s,"monit":{"memory":52428800,"cpu":3.1},"pm2_env":{
"namespace":"default","status":"%s","exec_mode":"cluster_mode","NODE_APP_INSTANCE":%s,"instances":"max","restart_time":3,
"unstable_restarts":1,"created_at":%s,"pm_uptime":1795485912670,"pm_exec_path":"/srv/app/server.js","pm_cwd":"/srv/app",
"node_version":"26.10.0","kill_timeout":8000,"listen_timeout":"10000","wait_ready":true,"autorestart":true,"exit_code":0,
"DATABASE_PASSWORD":"hunter2","env":{"DATABASE_PASSWORD":"hunter2"},"axm_monitor":{"Used Heap Size":{"value":"21.9"}}}}`

func TestCalls(t *testing.T) {
	var mu sync.Mutex
	var calls []string
	home := fakeDaemon(t, func(method string, args []json.RawMessage) string {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, fmt.Sprintf("%s %s", method, args[0]))
		switch method {
		case "getMonitorData":
			return fmt.Sprintf(`{"args":[[`+row+`]]}`, "0", "online", "0", "1795485912670")
		case "getVersion":
			return `{"args":["7.0.4"]}`
		case "deleteProcessId":
			return `{"error":"PM2 ID unknown","stack":"Error: ..."}`
		}
		return `{"args":[{}]}`
	})
	c, ctx := connect(t, home), t.Context()
	list, err := c.List(ctx)
	if err != nil || len(list) != 1 || list[0].PID != 4312 || list[0].KillTimeout != 8*time.Second ||
		list[0].ListenTimeout != 10*time.Second || list[0].Mode != "cluster" || list[0].Instance != "0" || list[0].Beat == 0 {
		t.Errorf("list %+v (%v)", list, err)
	}
	if strings.Contains(fmt.Sprintf("%+v", list), "hunter2") {
		t.Error("a secret has come through")
	}
	if _, err := c.Describe(ctx, 7); !errors.Is(err, ErrUnknownID) {
		t.Errorf("describing nobody: %v", err)
	}
	if v, err := c.Version(ctx); v != "7.0.4" || err != nil {
		t.Errorf("version %q (%v)", v, err)
	}
	if err := c.Delete(ctx, 9); err == nil || !strings.Contains(err.Error(), "deleteProcessId: PM2 ID unknown") {
		t.Errorf("the daemon's error came as %v", err)
	}
	calls = nil
	for _, err := range []error{
		c.Ping(ctx), c.Start(ctx, 1), c.Stop(ctx, 1), c.Duplicate(ctx, 1), c.Reset(ctx, 1),
		c.Restart(ctx, 1, Config{}), c.Reload(ctx, 1, Config{KillTimeout: 6 * time.Second, NodeArgs: []string{"--x"}}),
		c.Signal(ctx, 1, "SIGUSR2"), c.Send(ctx, 1, "hello", map[string]int{"n": 1}), c.Leave(ctx, 1),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		`ping {}`, `startProcessId 1`, `stopProcessId 1`, `duplicateProcessId 1`, `resetMetaProcessId 1`,
		`restartProcessId {"id":1,"env":{}}`,
		`reloadProcessId {"id":1,"env":{"current_conf":{"kill_timeout":6000,"node_args":["--x"]}}}`,
		`sendSignalToProcessId {"process_id":1,"signal":"SIGUSR2"}`,
		`sendDataToProcessId {"id":1,"type":"process:msg","topic":"hello","data":{"n":1}}`,
		`sendDataToProcessId {"id":1,"type":"pm2drill","topic":"pm2drill","data":{},"cmd":"NODE_CLUSTER","act":"disconnect"}`,
	}
	if got := strings.Join(calls, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the daemon was told\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestRepliesOutOfOrder(t *testing.T) {
	// The daemon answers in pairs, the second call first.
	home := fakeSocket(t, "rpc.sock", func(c net.Conn) {
		r := axon.NewReader(c)
		for {
			first, err := r.Read(nil)
			if err != nil {
				return
			}
			second, err := r.Read(nil)
			if err != nil {
				return
			}
			for _, m := range []axon.Message{second, first} {
				id, _ := axon.AsText(m[1])
				frame, _ := axon.Message{[]byte(`j:{"args":["` + id + `"]}`), m[1]}.Append(nil)
				c.Write(frame)
			}
		}
	})
	c := connect(t, home)
	var wg sync.WaitGroup
	got := make([]string, 100)
	for i := range got {
		wg.Go(func() {
			v, err := c.Version(t.Context())
			if err != nil {
				t.Error(err)
			}
			got[i] = v
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, id := range got {
		if seen[id] {
			t.Errorf("reply %s was handed out twice", id)
		}
		seen[id] = true
	}
}

func TestDeadSlowAndEmptyDaemonsAreToldApart(t *testing.T) {
	if _, err := Dial(t.Context(), t.TempDir()); !errors.Is(err, ErrDaemonDead) {
		t.Errorf("no socket: %v", err)
	}
	stale := t.TempDir()
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(stale, "rpc.sock")})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false)
	ln.Close()
	if _, err := Dial(t.Context(), stale); !errors.Is(err, ErrDaemonDead) {
		t.Errorf("a socket that a killed daemon left: %v", err)
	}

	silent := connect(t, fakeDaemon(t, func(string, []json.RawMessage) string { return "" }))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := silent.Ping(ctx); errors.Is(err, ErrDaemonDead) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a daemon that does not answer: %v", err)
	}

	empty := connect(t, fakeDaemon(t, func(string, []json.RawMessage) string { return `{"args":[[]]}` }))
	if list, err := empty.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("a daemon without apps: %v (%v)", list, err)
	}

	dying := connect(t, fakeSocket(t, "rpc.sock", func(c net.Conn) {
		r := axon.NewReader(c)
		for range 3 {
			r.Read(nil)
		}
	}))
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := dying.Ping(t.Context()); !errors.Is(err, ErrDaemonDead) {
				t.Errorf("a daemon that dies meanwhile: %v", err)
			}
		})
	}
	wg.Wait()
	if err := dying.Ping(t.Context()); !errors.Is(err, ErrDaemonDead) {
		t.Errorf("after it has died: %v", err)
	}
}

func TestGarbageIsAnError(t *testing.T) {
	c := connect(t, fakeSocket(t, "rpc.sock", func(c net.Conn) { c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }))
	if err := c.Ping(t.Context()); err == nil {
		t.Error("took HTTP for PM2")
	}
}

// TestState has a case for every row of State's table.
func TestState(t *testing.T) {
	for _, c := range []struct {
		status Status
		pid    int
		auto   bool
		want   State
	}{
		{Online, 10, true, Running},
		{Online, 0, true, GaveUp},
		{Launching, 10, true, Booting},
		{Waiting, 10, true, Backoff},
		{Waiting, 0, true, GaveUp},
		{Errored, 0, true, GaveUp},
		{Errored, 10, true, GaveUp},
		{Stopped, 10, true, Backoff},
		{Stopped, 0, true, StoppedNow},
		{Stopped, 10, false, StoppedNow},
		{Stopping, 10, true, Ending},
		{"something new", 0, true, StoppedNow},
	} {
		p := Process{Status: c.status, PID: c.pid, Autorestart: c.auto}
		if got := p.State(); got != c.want || p.GaveUp() != (c.want == GaveUp) {
			t.Errorf("%s with pid %d: %s, want %s", c.status, c.pid, got, c.want)
		}
	}
}

func TestRowsAsPM2SendsThem(t *testing.T) {
	var p Process
	if err := json.Unmarshal(fmt.Appendf(nil, row, `"_old_3"`, "waiting restart", `"2"`, "null"), &p); err != nil {
		t.Fatal(err)
	}
	if p.ID != -1 || p.Instance != "2" || !p.CreatedAt.IsZero() || p.StartedAt.IsZero() || p.Status != Waiting {
		t.Errorf("%+v", p)
	}
}

func FuzzProcess(f *testing.F) {
	f.Add(fmt.Appendf(nil, row, "0", "online", "0", "1795485912670"))
	f.Add([]byte(`{"pm_id":null,"pm2_env":{"kill_timeout":true}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var p Process
		if json.Unmarshal(in, &p) == nil {
			p.State()
		}
	})
}

func BenchmarkList(b *testing.B) {
	one := fmt.Sprintf(row, "0", "online", "0", "1795485912670")
	list := []byte("[" + strings.Join([]string{one, one, one, one}, ",") + "]")
	b.SetBytes(int64(len(list)))
	for b.Loop() {
		var ps []Process
		if err := json.Unmarshal(list, &ps); err != nil {
			b.Fatal(err)
		}
	}
}

func TestPIDFile(t *testing.T) {
	home := t.TempDir()
	if _, err := DaemonPID(home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no pid file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(home, "pm2.pid"), []byte("4711\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if pid, err := DaemonPID(home); pid != 4711 || err != nil {
		t.Errorf("pid %d (%v)", pid, err)
	}
}
