package host

import (
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
)

// TestSpace looks into the pid namespace of a child, in which the child is number 1.
func TestSpace(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID}
	if err := cmd.Start(); err != nil {
		t.Skipf("this machine makes no pid namespace for this user: %v", err)
	}
	child := cmd.Process.Pid
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have gone
		_ = cmd.Wait()
	})
	s, err := Inside(child)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Outer(1); got != child {
		t.Errorf("process 1 of the namespace is %d here, want %d", got, child)
	}
	if got := s.Inner(child); got != 1 {
		t.Errorf("process %d is %d in the namespace, want 1", child, got)
	}
	if got := s.Inner(os.Getpid()); got != 0 {
		t.Errorf("this process is %d in the namespace, and is not of it", got)
	}
	if got := s.Outer(os.Getpid()); got != 0 {
		t.Errorf("a number that the namespace has not is %d here", got)
	}
	if got := s.Processes(); !slices.Equal(got, []int{child}) {
		t.Errorf("its processes are %v, want %d alone", got, child)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if outer, inner := s.Outer(1), s.Inner(child); outer != 0 || inner != 1 {
		t.Errorf("after its end process 1 is %d here, and %d is remembered as %d", outer, child, inner)
	}
	if _, err := Inside(child); err == nil {
		t.Error("the namespace of a process that has gone was found")
	}
}

// TestSpaceHere: of this process's own namespace nothing is translated.
func TestSpaceHere(t *testing.T) {
	s, pid := Here(), os.Getpid()
	if s.Inner(pid) != pid || s.Outer(pid) != pid || s.Path("/x") != "/x" || !slices.Contains(s.Processes(), pid) {
		t.Errorf("inner %d, outer %d of %d, path %s", s.Inner(pid), s.Outer(pid), pid, s.Path("/x"))
	}
}
