package fault

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/injector"
)

// RestartedDaemon is an operator who stops one worker, has PM2 start itself anew (pm2
// update) and stops the process of another worker in passing, as a debugger does.
type RestartedDaemon struct {
	Stop int // id of the worker that is to stay stopped
}

// Kind implements Fault.
func (RestartedDaemon) Kind() string { return evidence.KindFault }

// Inject does so. pm2 update keeps stopped what was stopped (God.js, prepare).
func (f RestartedDaemon) Inject(ctx context.Context, at Site) error {
	if err := at.runPM2(ctx, "stop", strconv.Itoa(f.Stop)); err != nil {
		return fmt.Errorf("cannot stop worker %d: %w", f.Stop, err)
	}
	if err := at.runPM2(ctx, "update"); err != nil {
		return fmt.Errorf("cannot restart PM2's daemon: %w", err)
	}
	if err := at.Cluster.Listens(ctx, at.Port); err != nil {
		return fmt.Errorf("cannot see the app come back with PM2's daemon: %w", err)
	}
	if err := pause(ctx, steadyAgain); err != nil {
		return err
	}
	if err := at.inject(ctx, injector.Order{Signal: at.newSignal(unix.SIGSTOP)}); err != nil {
		return fmt.Errorf("cannot stop a worker's process: %w", err)
	}
	return nil
}

// steadyAgain is how long the workers serve under the new daemon before one is stopped.
const steadyAgain = 4 * time.Second

// Bitten says yes once PM2's daemon is another one, lists the worker as stopped, and one
// process that had served under it has answered nothing for a second, whether it lives or
// somebody has ended it meanwhile.
func (f RestartedDaemon) Bitten(r *evidence.Record) (Bite, bool) {
	t, ok := findInjection(r)
	was, seen := r.SnapshotAt(t)
	if !ok || !seen || len(r.Snapshots) == 0 {
		return Bite{}, false
	}
	s := r.Snapshots[len(r.Snapshots)-1]
	stopped := slices.ContainsFunc(s.Workers, func(w evidence.Worker) bool { return w.ID == f.Stop && !w.Alive })
	if s.Daemon == 0 || s.Daemon == was.Daemon || !stopped {
		return Bite{Note: fmt.Sprintf("PM2's daemon was pid %d and is %d", was.Daemon, s.Daemon)}, false
	}
	hit := findMute(r, s.Daemon)
	return Bite{Note: fmt.Sprintf("PM2's daemon went from pid %d to %d, worker %d is stopped, pids %v fell silent", was.Daemon, s.Daemon, f.Stop, hit), PIDs: hit}, len(hit) == 1
}

// findMute returns the processes under that daemon that served, and then answered nothing
// for a second, up to now or to their end.
func findMute(r *evidence.Record, daemon int) []int {
	last := map[int]time.Duration{}
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if s.Daemon == daemon && w.Alive {
				last[w.PID] = 0
			}
		}
	}
	for i := range r.Requests {
		q := &r.Requests[i]
		if _, own := last[q.PID]; own && q.Class == evidence.Answered && q.Lane == evidence.LaneShort {
			last[q.PID] = max(last[q.PID], q.Done)
		}
	}
	var hit []int
	for pid, at := range last {
		end := findLatest(r)
		if e, gone := r.ExitOf(pid); gone {
			end = e.At
		}
		if at > 0 && end-at > silence {
			hit = append(hit, pid)
		}
	}
	return hit
}

// Lift lets every process go on that is stopped by a signal.
func (RestartedDaemon) Lift(ctx context.Context, at Site) error {
	return StoppedWorker{}.Lift(ctx, at)
}
