package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestExamples has each example meet a worker that is stopped, one that is stopped
// for a moment, and stopped processes that are none of its business. They do so all
// at once, however few cores there are: most of it is waiting.
func TestExamples(t *testing.T) {
	var all sync.WaitGroup
	defer all.Wait()
	for name, command := range map[string]string{
		"bash": "exec ./engine.sh",
		"node": "exec node engine.js",
		"go":   "CGO_ENABLED=0 go build -o $PM2_HOME/engine . && exec $PM2_HOME/engine",
	} {
		all.Go(func() {
			t.Run(name, func(t *testing.T) {
				needed := []string{name}
				if name == "bash" {
					needed = append(needed, "node") // its client for HTTP
				}
				for _, program := range needed {
					if _, err := exec.LookPath(program); err != nil {
						t.Skip(err)
					}
				}
				meet(t, filepath.Join("examples", name), command)
			})
		})
	}
}

func meet(t *testing.T, dir, command string) {
	home := newHome(t)
	sick, brief, well := home.fork("app-0"), home.fork("app-1"), home.fork("app-2")
	other, foreign := home.fork("app-2-0"), home.stranger("app-7")
	outside := newOutside(t)

	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), EnvHome+"="+home.dir, EnvApp+"=app", EnvURL+"="+outside.URL+"/healthz", EnvAlertURL+"="+outside.URL+"/alert")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // where the test has failed
	heard := listen(t, stdout)

	if l := next(t, heard); l.Type != TypeReady || strings.Join(l.Capabilities, " ") != "detect alert" {
		t.Fatalf("got %+v, want a ready line", l)
	}
	stop := time.Now()
	for _, pid := range []int{sick, brief, other, foreign} {
		home.signal(pid, syscall.SIGSTOP)
	}
	time.AfterFunc(time.Second, func() { home.signal(brief, syscall.SIGCONT) })

	if l := next(t, heard); l.Type != TypeDetected || l.Cause != StoppedProcess || len(l.Evidence) == 0 || len(l.RuledOut) == 0 {
		t.Fatalf("got %+v, want a diagnosis with its reasons", l)
	}
	if took := time.Since(stop); took < 3*time.Second {
		t.Errorf("it waited for %s, which is too short", took)
	}
	for _, phase := range []string{PhaseBegin, PhaseDone} {
		l := next(t, heard)
		if l.Type != TypeAction || l.Action != ActionKill || l.Phase != phase || l.PID != sick || l.ID == nil || *l.ID != 0 {
			t.Fatalf("got %+v, want the %s of a kill of pid %d, worker 0", l, phase, sick)
		}
	}
	if l := next(t, heard); l.Type != TypeVerified || len(l.By) == 0 {
		t.Fatalf("got %+v, want a verified recovery", l)
	}
	for _, status := range []string{StatusFiring, StatusResolved} {
		a := outside.next()
		if a.Status != status || a.App != "app" || a.Cause != StoppedProcess || len(a.Evidence) == 0 || len(a.RuledOut) == 0 ||
			len(a.Workers) != 3 || a.Workers[0].PID != sick || a.Human == "" || a.Dedupe == "" {
			t.Errorf("got %+v, want a %s alert with its context", a, status)
		}
	}
	for _, pid := range []int{brief, well, other, foreign} {
		if err := syscall.Kill(pid, 0); err != nil {
			t.Errorf("it has killed pid %d: %v", pid, err)
		}
	}

	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if l, more := <-heard; more {
		t.Errorf("got %+v, want it to end with its stdin", l)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// listen reads an engine's lines and holds them to the contract.
func listen(t *testing.T, stdout io.Reader) <-chan Line {
	lines, schema := make(chan Line, 100), schemaOf(t, "line")
	go func() {
		defer close(lines)
		for raw, err := range RawLines(stdout) {
			if err != nil {
				t.Error(err)
				return
			}
			l, err := DecodeLine(raw)
			if err != nil {
				t.Errorf("%v: %s", err, raw)
				return
			}
			if err := conform(schema, raw); err != nil {
				t.Errorf("the schema refuses %s: %v", raw, err)
			}
			lines <- l
		}
	}()
	return lines
}

// patience bounds every wait for an example.
const patience = 30 * time.Second

func next(t *testing.T, heard <-chan Line) Line {
	t.Helper()
	select {
	case l, more := <-heard:
		if !more {
			t.Fatal("it has ended")
		}
		return l
	case <-time.After(patience):
		t.Fatal("it says nothing")
		return Line{}
	}
}

// outside is the world beyond the cluster: a health URL that answers, as that of an app may
// whose usual answer is 404, and people who take alerts.
type outside struct {
	*httptest.Server
	t      *testing.T
	alerts chan []byte
}

func newOutside(t *testing.T) outside {
	o := outside{t: t, alerts: make(chan []byte, 100)}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
		}
		var body bytes.Buffer
		if _, err := body.ReadFrom(r.Body); err == nil && r.Method == http.MethodPost {
			o.alerts <- body.Bytes()
		}
	}))
	t.Cleanup(o.Close)
	return o
}

func (o outside) next() Alert {
	o.t.Helper()
	select {
	case body := <-o.alerts:
		a, err := DecodeAlert(body)
		if err != nil {
			o.t.Errorf("%v: %s", err, body)
		}
		if err := conform(schemaOf(o.t, "alert"), body); err != nil {
			o.t.Errorf("the schema refuses %s: %v", body, err)
		}
		return a
	case <-time.After(patience):
		o.t.Fatal("no alert came")
		return Alert{}
	}
}

// fakeHome is PM2's home, with this process as the daemon.
type fakeHome struct {
	t   *testing.T
	dir string

	mu    sync.Mutex
	pids  []int // all that were ever started
	ended bool
}

func newHome(t *testing.T) *fakeHome {
	h := &fakeHome{t: t, dir: t.TempDir()}
	if err := errors.Join(
		os.Mkdir(filepath.Join(h.dir, "pids"), 0o755),
		os.WriteFile(filepath.Join(h.dir, "pm2.pid"), []byte(strconv.Itoa(os.Getpid())), 0o644),
		os.Symlink("/bin/sh", filepath.Join(h.dir, workerName)),
	); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.ended = true
		for _, pid := range h.pids {
			_ = syscall.Kill(pid, syscall.SIGKILL) // one of them is gone
		}
	})
	return h
}

// workerName is what the kernel calls a worker: PM2's have a space in it too.
const workerName = "node (T) 1"

// fork starts a worker as PM2 does, again when it ends, and keeps its pid file. It
// ends with this process.
func (h *fakeHome) fork(name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return 0
	}
	cmd := &exec.Cmd{Path: filepath.Join(h.dir, workerName), Args: []string{"sh", "-c", "read x"}}
	_, err := cmd.StdinPipe() // which nothing is written to
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		h.t.Error(err)
		return 0
	}
	h.started(name, cmd.Process.Pid)
	go func() {
		_ = cmd.Wait() // it was killed
		h.fork(name)
	}()
	return cmd.Process.Pid
}

// stranger starts a process that a pid file names and that is no child of the
// daemon's: the file is stale, and the pid has gone to somebody else.
func (h *fakeHome) stranger(name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	cmd := exec.Command("sh", "-c", "exec 3<&0; sh -c 'read x <&3' & echo $!; wait")
	_, err := cmd.StdinPipe() // which nothing is written to
	if err != nil {
		h.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(stdout, &pid); err != nil {
		h.t.Fatal(err)
	}
	h.started(name, pid)
	go func() { _ = cmd.Wait() }() // it ends with the stranger
	return pid
}

func (h *fakeHome) started(name string, pid int) {
	h.pids = append(h.pids, pid)
	if err := os.WriteFile(filepath.Join(h.dir, "pids", name+".pid"), []byte(strconv.Itoa(pid)), 0o644); err != nil {
		h.t.Error(err)
	}
}

func (h *fakeHome) signal(pid int, sig syscall.Signal) {
	if err := syscall.Kill(pid, sig); err != nil {
		h.t.Error(err)
	}
}
