package host

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

func TestParseLimit(t *testing.T) {
	for line, want := range map[string][2]string{
		"Max open files            1024                 1048576              files     \n": {"open files", "1024 1048576"},
		"Max cpu time              unlimited            unlimited            seconds   \n": {"cpu time", "unlimited unlimited"},
		"Max realtime timeout      unlimited            unlimited            us        \n": {"realtime timeout", "unlimited unlimited"},
		"Limit                     Soft Limit           Hard Limit           Units     \n": {},
		"Max open files": {}, "Max open files            1024": {}, "": {},
	} {
		if name, value := parseLimit(line); [2]string{name, value} != want {
			t.Errorf("%q: %q %q, want %q", line, name, value, want)
		}
	}
}

// TestTerms changes what a process of the same user may change of a child's.
func TestTerms(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	pid := cmd.Process.Pid
	terms := func() map[string]string {
		p, err := Stat(pid)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Terms(p)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	was := terms()
	if was["policy"] == "" || was["cpus"] == "" || was["oom score"] == "" || was["open files"] == "" {
		t.Fatalf("they lack something: %v", was)
	}
	if err := unix.SchedSetAttr(pid, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_BATCH}, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 17, Max: 18}, nil); err != nil {
		t.Fatal(err)
	}
	if is := terms(); is["policy"] == was["policy"] || is["open files"] != "17 18" || is["cpus"] != was["cpus"] {
		t.Errorf("before %v\nafter  %v", was, is)
	}
	if _, err := Terms(Proc{PID: os.Getpid() + 1<<21}); err == nil {
		t.Error("there is no such process, and it has terms")
	}
}
