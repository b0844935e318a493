package remedy

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/act"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// fakeDaemon answers every call on rpc.sock with what the test says. It is this process, so
// this process's descendants count as its workers.
type fakeDaemon struct {
	home   string
	answer func(method string) string // JSON
}

func newFakeDaemon(t *testing.T, answer func(method string) string) fakeDaemon {
	t.Helper()
	home, err := os.MkdirTemp("", "pm2") // short: a Unix socket's path has room for 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	f := fakeDaemon{home, answer}
	for name, serve := range map[string]func(net.Conn){"rpc.sock": f.serve, "pub.sock": func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }} {
		l, err := net.Listen("unix", filepath.Join(home, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go serve(conn)
			}
		}()
	}
	return f
}

// serve speaks axon: a byte 0x12, then twice a length and that many bytes.
func (f fakeDaemon) serve(conn net.Conn) {
	defer conn.Close()
	for {
		var head [1]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		var args [2][]byte
		for i := range args {
			var size [4]byte
			if _, err := io.ReadFull(conn, size[:]); err != nil {
				return
			}
			args[i] = make([]byte, binary.BigEndian.Uint32(size[:]))
			if _, err := io.ReadFull(conn, args[i]); err != nil {
				return
			}
		}
		var call struct{ Method string }
		if json.Unmarshal(args[0][len("j:"):], &call) != nil {
			return
		}
		reply := []byte{0x12}
		for _, arg := range [][]byte{[]byte(`j:{"args":[` + f.answer(call.Method) + `]}`), args[1]} {
			reply = append(binary.BigEndian.AppendUint32(reply, uint32(len(arg))), arg...)
		}
		if _, err := conn.Write(reply); err != nil {
			return
		}
	}
}

// listing answers getMonitorData with a list.
func listing(rows ...string) func(string) string {
	return func(method string) string {
		if method == "getMonitorData" {
			return "[" + strings.Join(rows, ",") + "]"
		}
		return `"7.0.4"`
	}
}

// orphan starts a process that is nobody's child here, and returns its pid.
func orphan(t *testing.T) int {
	t.Helper()
	out, err := exec.Command("sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!").Output()
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Kill(pid, unix.SIGKILL) })
	return pid
}

// TestKillsOnlyTheDaemonsOwn: whatever the socket and pm2.pid say of it, a process that does
// not descend from the daemon is not signalled.
func TestKillsOnlyTheDaemonsOwn(t *testing.T) {
	row := func(pid int) string {
		return fmt.Sprintf(`{"pid":%d,"pm_id":0,"name":"web","pm2_env":{"status":"online","namespace":"default","exec_mode":"cluster_mode"}}`, pid)
	}
	stranger, worker := orphan(t), sleeper(t)
	st, err := host.Stat(stranger)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		pid  int
		want error
	}{{stranger, host.ErrStranger}, {worker, nil}} {
		f := newFakeDaemon(t, listing(row(c.pid)))
		// A planted pm2.pid makes the stranger's parent the daemon.
		if err := os.WriteFile(filepath.Join(f.home, "pm2.pid"), []byte(strconv.Itoa(st.PPID)), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, action := range []string{engine.ActionReplace, engine.ActionKill} {
			if c.pid == worker && action == engine.ActionReplace {
				continue
			}
			_, err := act.Executor{Home: f.home, App: "web"}.Do(t.Context(), plan.Decision{Action: action, ID: 0, PID: c.pid})
			if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
				t.Errorf("%s of pid %d: %v, want %v", action, c.pid, err, c.want)
			}
		}
	}
	if !host.Alive(stranger) || host.Alive(worker) {
		t.Errorf("the stranger lives: %v, the worker: %v", host.Alive(stranger), host.Alive(worker))
	}
}

// TestNamesakes: an app of the same name in another namespace is another app, and which is
// meant must be said.
func TestNamesakes(t *testing.T) {
	row := func(id int, space string) string {
		return fmt.Sprintf(`{"pid":0,"pm_id":%d,"name":"web","pm2_env":{"status":"stopped","namespace":%q}}`, id, space)
	}
	f := newFakeDaemon(t, listing(row(0, "blue"), row(1, "green"), row(2, "blue")))
	if err := os.WriteFile(filepath.Join(f.home, "pm2.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, complaint := command(t, f.home); code != exitUsage || !strings.Contains(complaint, "blue, green") || !strings.Contains(complaint, "--namespace") {
		t.Errorf("exit code %d: %s", code, complaint)
	}
	if code, complaint := command(t, f.home, "--namespace", "red"); code != exitUsage || !strings.Contains(complaint, "blue, green") {
		t.Errorf("exit code %d: %s", code, complaint)
	}
	w := observe.NewWatcher(f.home, "web", "http://127.0.0.1:1/", 1, new(redact.Redactor))
	defer w.Close()
	w.UseNamespace("blue")
	o := w.Look(t.Context(), observe.Focus{})
	if len(o.Workers) != 2 || o.Workers[0].ID != 0 || o.Workers[1].ID != 2 {
		t.Errorf("it sees %+v", o.Workers)
	}
	h := act.Executor{Home: f.home, App: "web", Namespace: w.Namespace}
	if _, err := h.Do(t.Context(), plan.Decision{Action: engine.ActionStop, ID: 1}); err == nil || !strings.Contains(err.Error(), "green:web") {
		t.Errorf("a stop of the other's worker: %v", err)
	}
}
