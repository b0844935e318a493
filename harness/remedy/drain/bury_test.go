package drain_test

import (
	"bufio"
	"os/exec"
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

func TestBuryClosesThePortOfTheDead(t *testing.T) {
	rolls(t)
	const port = 25231
	cmd := exec.Command("node", "testdata/ghost.js", "25231")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ghost\n" {
		t.Fatalf("node said %q: %v", line, err)
	}
	pid := cmd.Process.Pid
	if !listens(t, port, pid) {
		t.Fatal("the primary has closed the port by itself: Node needs no help any more")
	}
	n, err := drain.Drainer{Inspector: drain.Always}.Bury(t.Context(), pid)
	if err != nil || n != 1 {
		t.Fatalf("Bury = %d, %v: want 1", n, err)
	}
	if listens(t, port, pid) {
		t.Error("the primary listens on")
	}
}

func listens(t *testing.T, port, pid int) bool {
	t.Helper()
	socks, err := host.Listeners(port, pid)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(socks, func(s host.Socket) bool { return s.PID == pid })
}
