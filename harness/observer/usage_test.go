package observer

import (
	"bufio"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/host"
)

// TestUsage counts what a process and what it starts use, those that have ended too, whether
// they were waited for or left behind.
func TestUsage(t *testing.T) {
	// The shell has a child burn and waits for it; then it leaves one behind that goes on, and
	// says so at each step.
	cmd := exec.Command("sh", "-c", `burn() { i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; }
(burn); echo waited; read x; (burn; echo left; exec sleep 100) & wait`)
	cmd.Stderr, cmd.SysProcAttr = os.Stderr, &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) })
	says := bufio.NewReader(out)
	u := usage{known: map[int]host.Proc{}, roots: []int{cmd.Process.Pid}}
	first := u.look(0)
	if _, err := says.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	waited := u.look(0)
	if waited.CPU-first.CPU < 50*time.Millisecond || waited.RSS == 0 || waited.Processes < 1 {
		t.Errorf("of a child that was waited for: %+v, before %+v", waited, first)
	}
	if _, err := in.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := says.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	left := u.look(0)
	if left.CPU <= waited.CPU || left.Processes < 2 {
		t.Errorf("of a child in the background: %+v, before %+v", left, waited)
	}
	// Whoever is its own daemon's child is not the engine's.
	if none := (&usage{known: map[int]host.Proc{}, roots: []int{cmd.Process.Pid}}).look(cmd.Process.Pid); none.Processes != 0 {
		t.Errorf("PM2's daemon is taken for the engine: %+v", none)
	}
	// What it has left behind when it ends goes on counting.
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.Process.Wait(); err != nil {
		t.Fatal(err)
	}
	if orphan := u.look(0); orphan.Processes < 1 || orphan.CPU < left.CPU {
		t.Errorf("of one that was left behind: %+v, before %+v", orphan, left)
	}
}
