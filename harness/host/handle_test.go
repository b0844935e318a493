package host

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

func opened(t *testing.T, pid int) *Handle {
	t.Helper()
	h, err := Open(pid)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// TestHandleHoldsOneProcess: a signal reaches the process that was opened, and after its
// end nobody, with pidfds and without.
func TestHandleHoldsOneProcess(t *testing.T) {
	for _, pidfd := range []bool{true, false} {
		cmd := sleeper(t)
		h := opened(t, cmd.Process.Pid)
		if h.UID != os.Geteuid() || h.PPID != os.Getpid() {
			t.Errorf("opened %+v", h)
		}
		if !pidfd {
			h.Close()
			h.fd = -1
		}
		if err := h.Signal(unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		if err := h.Signal(unix.SIGKILL); !errors.Is(err, ErrNoProcess) {
			t.Errorf("pidfd %v: a signal after the end: %v", pidfd, err)
		}
		if _, err := Open(cmd.Process.Pid); !errors.Is(err, ErrNoProcess) {
			t.Errorf("opened after its end: %v", err)
		}
	}
	// A pid that has changed hands has another start time.
	h := opened(t, sleeper(t).Process.Pid)
	h.Close()
	h.fd, h.Start = -1, h.Start-1
	if err := h.Signal(unix.SIGKILL); !errors.Is(err, ErrNoProcess) || !Alive(h.PID) {
		t.Errorf("another process with the same pid: %v, alive %v", err, Alive(h.PID))
	}
}

// TestBelongsTo: a process belongs to its ancestors and to nobody else.
func TestBelongsTo(t *testing.T) {
	shell := exec.Command("sh", "-c", "sleep 60 & echo; wait")
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // the grandchild is there
		t.Fatal(err)
	}
	grandchildren, err := scanChildren(shell.Process.Pid)
	if err != nil || len(grandchildren) != 1 {
		t.Fatalf("the shell has %v (%v)", grandchildren, err)
	}
	t.Cleanup(func() {
		_ = unix.Kill(grandchildren[0], unix.SIGKILL)
		_ = shell.Process.Kill()
		_ = shell.Wait()
	})
	other := sleeper(t).Process.Pid
	for _, c := range []struct {
		name      string
		pid, root int
		want      error
	}{
		{"grandchild", grandchildren[0], os.Getpid(), nil},
		{"child", shell.Process.Pid, os.Getpid(), nil},
		{"itself", os.Getpid(), os.Getpid(), ErrStranger},
		{"parent", os.Getppid(), os.Getpid(), ErrStranger},
		{"sibling", other, shell.Process.Pid, ErrStranger},
		{"init", 1, os.Getpid(), ErrStranger},
	} {
		if err := opened(t, c.pid).BelongsTo(c.root); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestBelongsToNoOtherUser: descent is not enough.
func TestBelongsToNoOtherUser(t *testing.T) {
	h := opened(t, sleeper(t).Process.Pid)
	h.UID++
	if err := h.BelongsTo(os.Getpid()); os.Geteuid() != 0 && !errors.Is(err, ErrStranger) {
		t.Errorf("another user's child: %v", err)
	} else if os.Geteuid() == 0 && err != nil {
		t.Errorf("the superuser may give its children to others: %v", err)
	}
}
