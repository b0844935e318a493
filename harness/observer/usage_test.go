package observer

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
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

// TestUsageOfWhatIsLeft: what an engine leaves to init between two looks counts, and neither what
// was there before nor what PM2's daemon had started does. This process stands for init.
func TestUsageOfWhatIsLeft(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) })
	leave := `sh -c 'sh -c "echo \$\$; exec sleep 100" &'; read x`
	start := func(line string) (*exec.Cmd, *bufio.Reader) {
		cmd := exec.Command("sh", "-c", line)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
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
		t.Cleanup(func() { in.Close(); _ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL); _ = cmd.Wait() })
		said := bufio.NewReader(out)
		return cmd, said
	}
	daemon, _ := start(`sleep 100`)
	engine, said := start(leave)
	line, err := said.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	left, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	for { // until the shell between them has ended
		p, err := host.Stat(left)
		if err != nil {
			t.Fatal(err)
		}
		if p.PPID == os.Getpid() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	u := usage{known: map[int]host.Proc{}, roots: []int{engine.Process.Pid}, init: os.Getpid(), pm2s: map[int]uint64{}}
	u.look(daemon.Process.Pid)
	if _, counts := u.known[left]; !counts {
		t.Errorf("pid %d, which it left behind, is not counted: %v", left, u.known)
	}
	if _, counts := u.known[daemon.Process.Pid]; counts {
		t.Error("PM2's daemon is counted")
	}
	// The same process, found below the daemon before, is PM2's.
	p, err := host.Stat(left)
	if err != nil {
		t.Fatal(err)
	}
	u = usage{known: map[int]host.Proc{}, roots: []int{engine.Process.Pid}, init: os.Getpid(), pm2s: map[int]uint64{left: p.Start}}
	u.look(daemon.Process.Pid)
	if _, counts := u.known[left]; counts {
		t.Error("what PM2's daemon had started is counted")
	}
}
