package drain_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// nobody is a user without any privilege.
const nobody = 65534

// knocks connects to the inspector's port over and over until its stdin ends, and
// says how often somebody answered.
const knocks = `
const net = require('net');
let opened = 0;
const knock = () => {
  const c = net.connect(9229, '127.0.0.1', () => { opened++; c.destroy(); });
  c.on('error', () => {});
  c.on('close', () => setImmediate(knock));
};
knock();
process.stdin.resume().on('end', () => { console.log('opened', opened); process.exit(); });
process.stdout.write('ready\n');`

// knocker starts it as nobody; what it returns ends it and gives its count.
func knocker(t *testing.T) (count func() string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to run a process as another user")
	}
	cmd := exec.Command("node", "-e", knocks)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it may have ended
	return func() string {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		ready, opened, _ := strings.Cut(strings.TrimSpace(out.String()), "\n")
		if ready != "ready" {
			t.Fatalf("it said %q", out.String())
		}
		return opened
	}
}

// TestAnotherUserNeverReachesTheInspector: on a host with another user's process a
// roll opens no inspector, by default.
func TestAnotherUserNeverReachesTheInspector(t *testing.T) {
	rolls(t)
	count := knocker(t)
	c := start(t, "../../../fixtures/node-apps/ignores-sigint/server.js", 25145, "instances: 2")
	done, err := c.roller(t, "").Roll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := count(); got != "opened 0" {
		t.Errorf("another user has reached an inspector: %s", got)
	}
	for _, rep := range done {
		if want := fmt.Sprintf("(uid %d)", nobody); rep.Drain.Means != drain.Leave || !strings.Contains(rep.Drain.String(), want) {
			t.Errorf("worker %d was drained %s, want %s named", rep.ID, rep.Drain, want)
		}
	}
}

// TestAnotherUserReachesAnInspectorThatIsOpen: the proof that the test above can fail.
func TestAnotherUserReachesAnInspectorThatIsOpen(t *testing.T) {
	rolls(t)
	count := knocker(t)
	pid := stubborn(t, 25215, nil)
	for range 5 {
		// It may be refused: nobody is attached too.
		if _, err := (drain.Drainer{Inspector: drain.Always}).Probe(t.Context(), pid); err != nil && !errors.Is(err, drain.ErrInspector) {
			t.Fatal(err)
		}
	}
	if got := count(); got == "opened 0" {
		t.Error("nobody has noticed an open inspector")
	}
}
