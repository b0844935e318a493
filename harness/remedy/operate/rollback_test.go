package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/drain"
)

// TestReleaseFinding: a release is blamed only for an error that blames nobody
// else, and only if its worker died.
func TestReleaseFinding(t *testing.T) {
	crashed := fmt.Errorf("cannot roll app: %w", drain.ErrCrashing)
	for _, c := range []struct {
		name, words string
		err         error
		want        engine.Cause
	}{
		{"its own error", "Error: DATABASE_URL is not set", crashed, engine.BootCrash},
		{"a server that is gone", "Error: connect ECONNREFUSED 127.0.0.1:6379", crashed, engine.Undetermined},
		{"a port that is taken", "Error: bind EADDRINUSE null:3000", crashed, engine.Undetermined},
		{"a module that was not deployed", "Error: Cannot find module 'express'", crashed, engine.BootCrash},
		{"a server in words", "error: the database system is starting up", crashed, engine.Undetermined},
		{"words that nobody understands", "Error: boom", crashed, engine.Undetermined},
		{"it said nothing", "", crashed, engine.Undetermined},
		{"it lives and does not serve", "Error: DATABASE_URL is not set", errors.New("process 7 does not serve"), engine.Undetermined},
	} {
		f := buildReleaseDiagnosis([]drain.Replacement{{ID: 2}}, c.err, c.words)
		if f.Cause != c.want || len(f.IDs) != 1 || f.IDs[0] != 2 || len(f.Evidence) == 0 || len(f.RuledOut) == 0 || f.Human == "" {
			t.Errorf("%s: %+v, want %s of worker 2 with evidence and look-alikes", c.name, f, c.want)
		}
	}
}

// TestRun: an operator's command is bounded in time and in what is kept of it,
// and how it failed is told.
func TestRun(t *testing.T) {
	for _, c := range []struct {
		name, script, said, err string
		within                  time.Duration
	}{
		{"both streams", "echo put back; echo slowly >&2", "put back\nslowly", "", time.Minute},
		{"it fails", "echo no such release; exit 3", "no such release", "exit status 3", time.Minute},
		{"it hangs, and so does its child", "echo begun; sleep 1000 & wait", "begun", "not done within", 300 * time.Millisecond},
		{"it talks too much", "yes | head -c 100000", strings.TrimSpace(strings.Repeat("y\n", maxOutput/2)), "", time.Minute},
	} {
		said, err := runCommand(context.Background(), []string{"sh", "-c", c.script}, c.within)
		if said != c.said {
			t.Errorf("%s: it said %.80q (%d bytes), want %.80q", c.name, said, len(said), c.said)
		}
		if (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.err)
		}
	}
	if _, err := runCommand(context.Background(), []string{"/no/such/command"}, time.Minute); err == nil {
		t.Error("a command that is not there gives no error")
	}
}

// TestCanaryLost: a roll is taken back only if its first worker, and no other,
// has lost its old process.
func TestCanaryLost(t *testing.T) {
	const gone, alive = 1 << 30, 1
	for _, c := range []struct {
		done []drain.Replacement
		want bool
	}{
		{nil, false},
		{[]drain.Replacement{{Old: gone}}, true},
		{[]drain.Replacement{{Old: alive}}, false},
		{[]drain.Replacement{{Old: gone}, {Old: gone}}, false},
	} {
		if got := hasLostCanary(c.done); got != c.want {
			t.Errorf("%+v: %v, want %v", c.done, got, c.want)
		}
	}
}
