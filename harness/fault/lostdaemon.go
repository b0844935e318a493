package fault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// KilledDaemon kills PM2's daemon with SIGKILL, as the kernel does when memory runs out, while
// one worker's process is stopped by a signal: that one cannot end with the daemon.
type KilledDaemon struct{}

// Kind implements Fault.
func (KilledDaemon) Kind() string { return evidence.KindFault }

// Inject stops the worker and kills the daemon.
func (KilledDaemon) Inject(ctx context.Context, at Site) error {
	order := injector.Daemon{Init: at.Cluster.Init(), Home: cluster.PM2Home, Name: unix.SIGKILL, First: at.App}
	if err := at.inject(ctx, injector.Order{Daemon: &order}); err != nil {
		return fmt.Errorf("cannot kill PM2's daemon: %w", err)
	}
	return nil
}

// Bitten says yes once the daemon has gone with all workers but one.
func (KilledDaemon) Bitten(r *evidence.Record) (Bite, bool) {
	was, is, ok := daemons(r)
	if !ok {
		return Bite{}, false
	}
	t, _ := findInjection(r)
	before, _ := r.SnapshotAt(t)
	var left []int
	for _, w := range before.Workers {
		if _, gone := r.ExitOf(w.PID); w.Alive && !gone {
			left = append(left, w.PID)
		}
	}
	return Bite{Note: fmt.Sprintf("PM2's daemon was pid %d and is %d, and pids %v are left", was, is, left), PIDs: left},
		is != was && len(left) == 1
}

// Lift lets every process go on that is stopped by a signal.
func (KilledDaemon) Lift(ctx context.Context, at Site) error { return StoppedWorker{}.Lift(ctx, at) }

// PausedDaemon stops the process of PM2's daemon with SIGSTOP for a while, as a debugger does.
type PausedDaemon struct {
	For time.Duration // until it goes on
}

// Kind implements Fault.
func (PausedDaemon) Kind() string { return evidence.KindFault }

// Inject sends SIGSTOP, and SIGCONT when the time is over.
func (f PausedDaemon) Inject(ctx context.Context, at Site) error {
	order := injector.Daemon{Init: at.Cluster.Init(), Home: cluster.PM2Home, Name: unix.SIGSTOP, Then: unix.SIGCONT, For: f.For}
	if err := at.injectBehind(ctx, injector.Order{Daemon: &order}); err != nil {
		return fmt.Errorf("cannot stop PM2's daemon: %w", err)
	}
	return nil
}

// Bitten says yes once nobody new has been served for as long as is noticed, and no process of
// PM2's has ended.
func (PausedDaemon) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	if !ok {
		return Bite{}, false
	}
	_, long := longestOutage(r, t)
	before, _ := r.SnapshotAt(t)
	ended := slices.ContainsFunc(r.Exits, func(e evidence.Exit) bool { return e.At >= t })
	return Bite{Note: fmt.Sprintf("nobody new was served for %s", long.Round(time.Millisecond)), PIDs: []int{before.Daemon}},
		long >= noticed && !ended && before.Daemon > 0
}

// Lift lets every process go on that is stopped by a signal.
func (PausedDaemon) Lift(ctx context.Context, at Site) error { return StoppedWorker{}.Lift(ctx, at) }
