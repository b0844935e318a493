package host

import (
	"os/exec"
	"syscall"
	"testing"
)

// TestEnded: the kernel tells an exit code from a signal, SIGINT's default action too,
// which PM2's log has no word for.
func TestEnded(t *testing.T) {
	for _, c := range []struct {
		name   string
		script string
		signal syscall.Signal // sent by us, 0 for none
		code   int
		want   string
	}{
		{"its own exit code", "read x; exit 3", 0, 3, ""},
		{"its own exit with 0", "read x; exit 0", 0, 0, ""},
		{"the default action of SIGINT", "exec sleep 60", syscall.SIGINT, 0, "SIGINT"},
		{"a handler that exits", "trap 'exit 4' TERM; echo; while :; do sleep 0.01; done", syscall.SIGTERM, 4, ""},
		{"SIGKILL", "exec sleep 60", syscall.SIGKILL, 0, "SIGKILL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command("sh", "-c", c.script)
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
			ended, err := Ended(t.Context(), cmd.Process.Pid)
			if err != nil {
				t.Fatal(err)
			}
			if c.code == 4 {
				if _, err := stdout.Read(make([]byte, 1)); err != nil { // its trap is set
					t.Fatal(err)
				}
			}
			if c.signal != 0 {
				if err := cmd.Process.Signal(c.signal); err != nil {
					t.Fatal(err)
				}
			} else if err := stdin.Close(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // its status is what is asked of Ended
			end := <-ended
			if !end.Known {
				t.Skip("this kernel does not tell how a process ended")
			}
			if end.Code != c.code || end.Signal != c.want || end.At == 0 {
				t.Errorf("it ended with code %d by signal %q at %s, want %d, %q", end.Code, end.Signal, end.At, c.code, c.want)
			}
		})
	}
}
