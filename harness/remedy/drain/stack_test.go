package drain_test

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// TestStackOfABlockedLoop: who burns its core in JavaScript says where. Who waits in a system call cannot be asked.
func TestStackOfABlockedLoop(t *testing.T) {
	rolls(t)
	for _, c := range []struct{ way, want string }{
		{"loop", "countForEver"}, {"pattern", "matchForEver"}, {"json", "parseForEver"}, {"sleep", ""},
	} {
		t.Run(c.way, func(t *testing.T) {
			cmd := exec.Command("node", "testdata/spins.js", c.way)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() }) // it has no other end
			if _, err := out.Read(make([]byte, 16)); err != nil {
				t.Fatal(err)
			}
			busyFor(t, cmd.Process.Pid, c.way != "sleep")
			within := 20 * time.Second // a busy host
			if c.want == "" {
				within = time.Second / 2
			}
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			calls, err := drain.Drainer{Inspector: drain.Always}.Stack(ctx, cmd.Process.Pid)
			switch {
			case c.want == "":
				if !errors.Is(err, drain.ErrInspector) {
					t.Errorf("%v, %v", calls, err)
				}
			case err != nil:
				t.Error(err)
			case !slices.ContainsFunc(calls, func(call string) bool { return strings.Contains(call, c.want) && strings.Contains(call, "spins.js:") }):
				t.Errorf("it is in %q, want %s", calls, c.want)
			}
		})
	}
}

// busyFor waits until the process has used a tenth of a second, or has a child.
func busyFor(t *testing.T, pid int, burns bool) {
	t.Helper()
	first, err := host.Stat(pid)
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		now, err := host.Stat(pid)
		if err != nil {
			t.Fatal(err)
		}
		kids, err := host.Children(pid)
		if burns && now.Ticks-first.Ticks >= 10 || !burns && err == nil && len(kids) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it does not block")
}
