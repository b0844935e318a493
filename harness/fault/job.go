package fault

import (
	"context"
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// UnguardedJob deploys a release in which every worker schedules the job, by the
// rolling restart that PM2 offers.
type UnguardedJob struct {
	Flag string // the release: that release
}

// Kind implements Fault.
func (UnguardedJob) Kind() string { return evidence.KindFault }

// Inject switches the release and reloads the app.
func (f UnguardedJob) Inject(ctx context.Context, at Site) error {
	err := at.release(ctx, f.Flag)
	if err == nil {
		err = at.runPM2(ctx, "reload", at.App)
	}
	if err != nil {
		return fmt.Errorf("cannot deploy the release without a guard: %w", err)
	}
	return nil
}

// Bitten says yes once as many processes as there are workers have run the job
// for one tick.
func (UnguardedJob) Bitten(r *evidence.Record) (Bite, bool) {
	n := countRunners(r)
	return Bite{Note: fmt.Sprintf("%d processes have run the job for one tick", n)}, n > 0 && n >= r.Header.Workers
}

// countRunners returns the greatest number of processes that have run the job for one and
// the same tick since the injection, 0 without one.
func countRunners(r *evidence.Record) int {
	t, ok := findInjection(r)
	if !ok {
		return 0
	}
	ran, most := map[int64]map[int]bool{}, 0
	for _, run := range r.JobRuns {
		if run.At < t {
			continue
		}
		if ran[run.Tick] == nil {
			ran[run.Tick] = map[int]bool{}
		}
		ran[run.Tick][run.PID] = true
		most = max(most, len(ran[run.Tick]))
	}
	return most
}

// Lift does nothing: the release stays deployed.
func (UnguardedJob) Lift(context.Context, Site) error { return nil }
