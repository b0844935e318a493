package fault

import (
	"context"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// StoppedWorker stops the process of the app's first worker with SIGSTOP, as a
// debugger, a cgroup freezer or a mistyped kill does.
type StoppedWorker struct {
	For time.Duration // until it goes on; 0 is for ever
}

// Kind implements Fault.
func (StoppedWorker) Kind() string { return evidence.KindFault }

// Inject sends SIGSTOP, and SIGCONT when the time is over.
func (f StoppedWorker) Inject(ctx context.Context, at Site) error {
	script := fmt.Sprintf("pid=$(pm2 pid %s | head -n 1) && kill -STOP $pid", at.App)
	if f.For > 0 {
		// In the background: whoever watches must see it while it lasts.
		script += fmt.Sprintf(" && { { sleep %.3f; kill -CONT $pid; } >/dev/null 2>&1 & }", f.For.Seconds())
	}
	out, err := at.Cluster.Exec(ctx, "sh", "-c", script)
	if err == nil {
		err = out.Failed()
	}
	if err != nil {
		return fmt.Errorf("cannot stop a worker's process: %w", err)
	}
	return nil
}

// Bitten says yes once a worker that served before has answered nothing for a
// second while its process lives and the others answer.
func (StoppedWorker) Bitten(r *evidence.Record) (Bite, bool) { return oneSilent(r) }

// Lift lets every node process go on.
func (StoppedWorker) Lift(ctx context.Context, at Site) error {
	if _, err := at.Cluster.Exec(ctx, "pkill", "-CONT", "node"); err != nil {
		return fmt.Errorf("cannot let the stopped worker go on: %w", err)
	}
	return nil
}
