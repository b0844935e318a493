package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
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
	signal := at.newSignal(unix.SIGSTOP)
	give := at.inject
	if f.For > 0 {
		signal.Then, signal.For = unix.SIGCONT, f.For
		give = at.injectBehind // whoever watches must see it while it lasts
	}
	if err := give(ctx, injector.Order{Signal: signal}); err != nil {
		return fmt.Errorf("cannot stop a worker's process: %w", err)
	}
	return nil
}

// Bitten says yes once a worker that served before has answered nothing for a
// second while its process lives and the others answer, and was seen stopped. On a busy host
// another one may be silent for as long.
func (StoppedWorker) Bitten(r *evidence.Record) (Bite, bool) {
	bite, ok := findSilent(r)
	if !ok || stoppedSince(r, bite.PIDs[0]) {
		return bite, ok
	}
	return Bite{Note: bite.Note + ", and nobody saw it stopped"}, false
}

// stoppedSince reports whether a look since the injection saw that process stopped by a signal.
func stoppedSince(r *evidence.Record, pid int) bool {
	t, ok := findInjection(r)
	return ok && slices.ContainsFunc(r.Snapshots, func(s evidence.Snapshot) bool {
		return s.At >= t && slices.ContainsFunc(s.Workers, func(w evidence.Worker) bool { return w.PID == pid && w.State == "T" })
	})
}

// Lift lets every process go on that is stopped.
func (StoppedWorker) Lift(ctx context.Context, at Site) error {
	if err := at.inject(ctx, injector.Order{Resume: &injector.Resume{Init: at.Cluster.Init()}}); err != nil {
		return fmt.Errorf("cannot let the stopped worker go on: %w", err)
	}
	return nil
}
