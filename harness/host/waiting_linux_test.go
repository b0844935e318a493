package host

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWaiting: who waits is told by what, and with whom.
func TestWaiting(t *testing.T) {
	if _, err := os.ReadFile("/proc/self/syscall"); err != nil {
		t.Skipf("this kernel does not tell: %v", err)
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		command []string
		want    string
	}{
		{[]string{"sleep", "60"}, "clock_nanosleep"},
		{[]string{"sh", "-c", "sleep 60; true"}, "wait4, and has the child processes"},
		{[]string{"sh", "-c", `exec 3<>"$0"; exec head -c 1 <&3`, pipe}, "read of " + pipe},
	} {
		cmd := exec.Command(c.command[0], c.command[1:]...)
		cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL), cmd.Wait() })
		var got string
		for end := time.Now().Add(10 * time.Second); !strings.Contains(got, c.want) && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			got = Waiting(cmd.Process.Pid)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%q: %q, want %q", c.command, got, c.want)
		}
	}
	if got := Waiting(1 << 30); got != "" {
		t.Errorf("nobody waits: %q", got)
	}
}
