package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
)

// engineStub serves as much of the Docker API as a reaper asks an engine that has nothing,
// and returns its address.
func engineStub(t *testing.T) (s *http.Server, address string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "pm2drill-stub-*") // not t.TempDir: the socket's path would be too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "docker.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer any = map[string]any{}
		if strings.HasSuffix(r.URL.Path, "/containers/json") || strings.HasSuffix(r.URL.Path, "/networks") {
			answer = []any{}
		}
		w.Header().Set("Api-Version", "1.41")
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	})}
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(func() { _ = s.Close() })
	return s, "unix://" + socket
}

// reaping is a reaper that watches over this test's process.
type reaping struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
	said strings.Builder // on stderr; to be read when it has ended
	home string
}

// startReaping starts a reaper for an owner and waits until it watches.
func startReaping(t *testing.T, owner string, extra *os.File, args ...string) *reaping {
	t.Helper()
	r := &reaping{home: t.TempDir()}
	r.cmd = exec.Command(os.Args[0], append([]string{"agent", "reap", "--run", "tried", "--owner", owner}, args...)...)
	r.cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+r.home)
	r.cmd.Stderr = &r.said
	if extra != nil {
		r.cmd.ExtraFiles = []*os.File{extra}
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if r.pipe, err = r.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the reaper says %q (%v): %s", line, err, r.said.String())
	}
	return r
}

// wait waits for the reaper's end, and returns what is in its owners' folders.
func (r *reaping) wait(t *testing.T) (code int, left []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = r.cmd.Process.Kill() })()
	_ = r.cmd.Wait() // how it ended is in its state
	left, err := filepath.Glob(filepath.Join(r.home, "pm2drill", "runs", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return r.cmd.ProcessState.ExitCode(), left
}

// TestReaperGivesUp: a reaper one of whose engines never comes back ends after its bound, with
// the address of that one alone in what it says and in what it keeps.
func TestReaperGivesUp(t *testing.T) {
	_, here := engineStub(t)
	gone, away := engineStub(t)
	r := startReaping(t, "nobody", nil, "--engine", here, "--engine", away, "--patience", "1s")
	_ = gone.Close()
	if err := r.pipe.Close(); err != nil {
		t.Fatal(err)
	}
	code, left := r.wait(t)
	said := r.said.String()
	for _, want := range []string{"run tried", away, "tried it for 1s", "DOCKER_HOST=" + away + " pm2drill clean"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	if code == 0 || strings.Contains(said, here) {
		t.Errorf("exit code %d: %s", code, said)
	}
	kept := map[string]string{}
	for _, file := range left {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kept[filepath.Base(file)] = string(text)
	}
	if kept["engine"] != away || !strings.Contains(kept["left"], away) {
		t.Errorf("its owner's folder has %q", kept)
	}
}

// TestReaperIsToldToEnd: a reaper that waits for an engine ends when it is told to, long before
// its bound, and says what it has not removed.
func TestReaperIsToldToEnd(t *testing.T) {
	gone, away := engineStub(t)
	r := startReaping(t, "nobody", nil, "--engine", away, "--patience", "10h")
	_ = gone.Close()
	if err := r.pipe.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	code, left := r.wait(t)
	if said := r.said.String(); code != 70 || len(left) == 0 || !strings.Contains(said, "was told to end") || !strings.Contains(said, away) {
		t.Errorf("exit code %d, left %v: %s", code, left, said)
	}
}

// TestReaperHoldsNothing: a reaper has no file of those who have called the harness, such as a
// shell's lock, nor their folder, and leaves nothing when its engine has nothing.
func TestReaperHoldsNothing(t *testing.T) {
	_, here := engineStub(t)
	lock, err := os.Create(filepath.Join(t.TempDir(), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	r := startReaping(t, cluster.Owner(os.Getpid())+"-tried", lock, "--engine", here)
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", r.cmd.Process.Pid))
	if err != nil || len(files) < 3 {
		t.Fatalf("files %v (%v)", files, err)
	}
	for _, file := range files {
		if at, err := os.Readlink(file); err == nil && at == lock.Name() {
			t.Errorf("it holds %s", at)
		}
	}
	if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", r.cmd.Process.Pid)); err != nil || cwd != "/" {
		t.Errorf("it works in %s (%v)", cwd, err)
	}
	if err := r.pipe.Close(); err != nil {
		t.Fatal(err)
	}
	if code, left := r.wait(t); code != 0 || len(left) > 0 {
		t.Errorf("exit code %d, left %v: %s", code, left, r.said.String())
	}
}
