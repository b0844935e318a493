package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
)

// TestDockerNothingIsLeftBehind ends a harness in every rude way, at a random
// moment of a drill, and looks for what it leaves.
func TestDockerNothingIsLeftBehind(t *testing.T) {
	binary := built(t)
	for _, c := range []struct {
		name    string
		signals []syscall.Signal
	}{
		{"kill -9", []syscall.Signal{syscall.SIGKILL}},
		{"kill -9 again", []syscall.Signal{syscall.SIGKILL}},
		{"kill -9 once more", []syscall.Signal{syscall.SIGKILL}},
		{"a closed terminal", []syscall.Signal{syscall.SIGHUP}},
		{"Ctrl-C", []syscall.Signal{syscall.SIGINT}},
		{"Ctrl-C twice", []syscall.Signal{syscall.SIGINT, syscall.SIGINT}},
		{"a polite end", []syscall.Signal{syscall.SIGTERM}},
	} {
		t.Run(c.name, func(t *testing.T) {
			after := time.Duration(rand.Int64N(int64(6 * time.Second)))
			left, code := interrupted(t, binary, after, c.signals)
			if left != "" {
				t.Errorf("ended %s into the drill, it left behind:\n%s", after, left)
			}
			if c.signals[0] != syscall.SIGKILL && len(c.signals) == 1 && code != exitInterrupted {
				t.Errorf("exit code %d, want %d", code, exitInterrupted)
			}
		})
	}
}

// built is the command that make has built, for a test that may use Docker.
func built(t *testing.T) string {
	t.Helper()
	if os.Getenv("PM2DRILL_DOCKER_TEST") == "" {
		t.Skip("set PM2DRILL_DOCKER_TEST=1 to run against Docker; make test-docker does")
	}
	binary, err := filepath.Abs("../../../bin/pm2drill")
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// interrupted starts a run, sends the signals some time after its first line,
// and returns what still carries the run's label when the reaper has had time.
func interrupted(t *testing.T, binary string, after time.Duration, signals []syscall.Signal) (left string, code int) {
	t.Helper()
	cmd := exec.Command(binary, "run", "port-taken", "--arms", "healthy", "--out", filepath.Join(t.TempDir(), "report"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	owner := fmt.Sprintf("pm2drill.owner=%s", cluster.Owner(cmd.Process.Pid))
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("it printed nothing")
	}
	time.Sleep(after) // the random moment: what is tested is that any will do
	for _, s := range signals {
		_ = cmd.Process.Signal(s) // it may have ended at the first
	}
	for lines.Scan() {
	}
	_ = cmd.Wait() // how it ended is in its state
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		text, err := exec.Command("docker", "ps", "-a", "--filter", "label="+owner, "--format", "{{.ID}} {{.Image}} {{.Status}}").Output()
		if err != nil {
			t.Fatal(err)
		}
		left = strings.TrimSpace(string(text))
		if left == "" || time.Now().After(deadline) {
			return left, cmd.ProcessState.ExitCode()
		}
	}
}
