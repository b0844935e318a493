// Package examples holds the example engines to the contract, on this host and
// without PM2.
package examples

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// TestExamples lets each example meet two workers, one of which is stopped for two
// seconds and one for good: it must kill the second alone, say so, and alert.
func TestExamples(t *testing.T) {
	compiled := filepath.Join(t.TempDir(), "engine")
	if out, err := exec.Command("go", "build", "-o", compiled, "./go").CombinedOutput(); err != nil {
		t.Fatalf("the Go example cannot be built: %v: %s", err, out)
	}
	for name, command := range map[string][]string{
		"bash": {"bash", "bash/engine.sh"},
		"node": {"node", "node/engine.js"},
		"go":   {compiled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skipf("there is no %s here", command[0])
			}
			lines, alert := meet(t, command)
			check(t, lines, alert)
		})
	}
}

// meet runs an engine beside its two workers and returns what it has said.
func meet(t *testing.T, command []string) (stdout, alert []byte) {
	home := t.TempDir()
	posted := make(chan []byte, 9)
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		posted <- body
	}))
	defer sink.Close()
	brief, lasting := worker(t, home, 0), worker(t, home, 1)
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "PM2_HOME="+home, "PM2DRILL_APP=app", "PM2DRILL_ALERT_URL="+sink.URL+"/")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = brief.Process.Signal(syscall.SIGSTOP)
	_ = lasting.Process.Signal(syscall.SIGSTOP)
	time.AfterFunc(2*time.Second, func() { _ = brief.Process.Signal(syscall.SIGCONT) })
	select {
	case alert = <-posted:
	case <-time.After(15 * time.Second):
		t.Error("no alert came")
	}
	if alert == nil {
		_ = lasting.Process.Kill()
	}
	if err := lasting.Wait(); !strings.Contains(fmt.Sprint(err), "killed") {
		t.Errorf("the stopped worker: %v", err)
	}
	if brief.Process.Signal(syscall.Signal(0)) != nil {
		t.Error("the worker that was stopped in passing is gone")
	}
	_ = stdin.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		t.Error("it does not end with its stdin")
	}
	return out.Bytes(), alert
}

// worker starts a process that does nothing, with a pid file like PM2's.
func worker(t *testing.T, home string, id int) *exec.Cmd {
	w := exec.Command("sleep", "60")
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Process.Kill() })
	dir := filepath.Join(home, "pids")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("app-%d.pid", id)), fmt.Append(nil, w.Process.Pid), 0o644); err != nil {
		t.Fatal(err)
	}
	return w
}

func check(t *testing.T, stdout, alert []byte) {
	var said []string
	for line, err := range engine.Lines(bytes.NewReader(stdout)) {
		if err != nil {
			t.Error(err)
		}
		said = append(said, line.Type+line.Phase)
	}
	if got := strings.Join(said, " "); got != "ready detected actionbegin actiondone" {
		t.Errorf("it said %q:\n%s", got, stdout)
	}
	if _, err := engine.DecodeAlert(alert); err != nil {
		t.Errorf("%v: %s", err, alert)
	}
}
