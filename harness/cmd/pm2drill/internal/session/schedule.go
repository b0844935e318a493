package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

// Drill runs the jobs, as many side by side as the host bears, the longest
// first, and once more what the host has spoiled. A drill that ends before its end is
// inconclusive, and the others go on; it stops where no drill can begin. A broken
// promise is no error. The report has them in the
// order of the catalogue, whichever ended first, and of what never began that it
// proves nothing.
func (s *Session) Drill(ctx context.Context, jobs []Job) error {
	if len(jobs) == 0 && s.shard == nil {
		return cli.UsageError(fmt.Sprintf("none of the scenarios has an arm of %s", strings.Join(s.Flags.Arms, ",")))
	}
	if err := s.begin(jobs); err != nil {
		return err
	}
	drills, err := s.runPass(ctx, jobs, s.Flags.Jobs)
	if err == nil {
		err = s.repeatSpoiled(ctx, jobs, drills)
	}
	for i, d := range drills {
		if !HasEvidence(d) {
			d = s.plan.Drills[i]
		}
		s.Report.Drills = append(s.Report.Drills, d)
	}
	report.Pair(s.Report.Drills)
	return err
}

// begin writes down what is to be drilled before any of it is.
func (s *Session) begin(jobs []Job) error {
	s.Report.Run.Versions = report.Versions{
		PM2Drill: cli.Version(), Engine: s.NewEngine().Name, PM2: s.Bench.Images.PM2Version, Node: s.Bench.Images.NodeVersion,
	}
	if s.shard != nil {
		s.shard.WholeCommand = s.wholeCommand() // the versions are known now
		s.Report.Run.Shard = s.shard
	}
	s.plan.Run = s.Report.Run
	for i, j := range jobs {
		jobs[i].place = i
		d := j.Scenario.Planned(j.Arm)
		d.Command = s.commandOf(j)
		s.plan.Drills = append(s.plan.Drills, d)
	}
	return folder.Begin(s.Flags.Out, s.plan)
}

// repeatSpoiled drills once more, with half as many side by side, what the host has
// spoiled: a drill that proves nothing is no failure, and what it was is kept
// beside the report.
func (s *Session) repeatSpoiled(ctx context.Context, jobs []Job, drills []report.Drill) error {
	var spoiled []int
	var second []Job
	for i, d := range drills {
		if HasEvidence(d) && !jobs[i].Spoils && d.Spoiled() != "" {
			spoiled, second = append(spoiled, i), append(second, jobs[i])
		}
	}
	found, err := s.runPass(ctx, second, max(1, s.Flags.Jobs/2))
	for n, i := range spoiled {
		if HasEvidence(found[n]) {
			s.Report.Voids = append(s.Report.Voids, drills[i])
			drills[i] = found[n]
		}
	}
	return err
}

// HasEvidence reports whether the drill has left evidence.
func HasEvidence(d report.Drill) bool { return d.Record != nil && d.Record.Header.Scenario != "" }

// runPass drills the jobs, that many side by side.
func (s *Session) runPass(ctx context.Context, jobs []Job, wide int) ([]report.Drill, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	drills := make([]report.Drill, len(jobs))
	places := semaphore.NewWeighted(int64(wide))
	left := newETA(jobs, wide, time.Now())
	s.Progress.SetETA(left)
	var under sync.WaitGroup
	for n, i := range longestFirst(jobs) {
		j := jobs[i]
		weight := int64(min(j.Scenario.Weight(), wide))
		if places.Acquire(ctx, weight) != nil {
			break
		}
		under.Go(func() {
			defer places.Release(weight)
			left.begin(j)
			defer left.end(j)
			var err error
			if drills[i], err = s.tryJob(ctx, n, len(jobs), j); err != nil && endsRun(drills[i], err) {
				stop(fmt.Errorf("cannot drill %s (%s arm): %w", j.Scenario.Name, j.Arm, err))
			}
		})
	}
	under.Wait()
	return drills, context.Cause(ctx)
}

// endsRun reports whether what has ended a drill would end every other one: it was told
// to, there is no engine to run, or no cluster came up. Of a drill that has begun,
// which its evidence shows, the error is its own affair, and stands in its record.
func endsRun(d report.Drill, err error) bool {
	var engine drill.EngineError
	var image cluster.ImageError
	return !HasEvidence(d) || errors.Is(err, context.Canceled) || errors.As(err, &engine) || errors.As(err, &image)
}

// longestFirst returns the order in which jobs are begun: a long one that began last
// would run alone at the end. But the first is one with an engine in it: a command
// that cannot be run is known at once.
func longestFirst(jobs []Job) []int {
	order := make([]int, len(jobs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(jobs[b].Scenario.Least(jobs[b].Arm), jobs[a].Scenario.Least(jobs[a].Arm))
	})
	aided := slices.IndexFunc(order, func(i int) bool { return jobs[i].Arm == evidence.ArmHealthy })
	if aided > 0 {
		first := order[aided]
		order = slices.Insert(slices.Delete(order, aided, aided+1), 0, first)
	}
	return order
}
