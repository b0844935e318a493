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

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
)

// Drill runs the jobs, as many side by side as the hosts bear, the longest
// first, and once more what its host has spoiled. A drill that ends before its end is
// inconclusive, and the others go on; it stops where no drill can begin. A broken
// promise is no error. The report has them in the
// order of the catalogue, whichever ended first, and of what never began that it
// proves nothing. Drills of a later call are added to those of the first.
func (s *Session) Drill(ctx context.Context, jobs []Job) error {
	if len(jobs) == 0 && s.shard == nil {
		return cli.UsageError(fmt.Sprintf("none of the scenarios has an arm of %s", strings.Join(s.Flags.Arms, ",")))
	}
	if err := s.begin(jobs); err != nil {
		return err
	}
	drills, err := s.runPass(ctx, jobs, 1)
	if err == nil {
		err = s.repeatSpoiled(ctx, jobs, drills)
	}
	for i, d := range drills {
		if !HasEvidence(d) {
			d = s.plan.Drills[jobs[i].place]
		}
		s.Report.Drills = append(s.Report.Drills, d)
	}
	report.Pair(s.Report.Drills)
	s.Report.Run.Hosts = s.describeHosts()
	return err
}

// begin writes down what is to be drilled before any of it is.
func (s *Session) begin(jobs []Job) error {
	s.Report.Run.Versions = report.Versions{
		PM2Drill: cli.Version(), Engine: s.NewEngine().Name, PM2: s.Bench.Images.PM2Version, Node: s.Bench.Images.NodeVersion,
	}
	s.Report.Run.Hosts = s.describeHosts()
	if s.shard != nil {
		s.shard.WholeCommand = s.formatWholeCommand() // the versions are known now
		s.Report.Run.Shard = s.shard
	}
	s.plan.Run = s.Report.Run
	for i, j := range jobs {
		jobs[i].place = len(s.plan.Drills)
		d := j.Scenario.Planned(j.Arm)
		d.Command = s.formatJobCommand(j)
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
	found, err := s.runPass(ctx, second, 2)
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

// runPass drills the jobs on one of share of the hosts' places, each on the next that is free.
func (s *Session) runPass(ctx context.Context, jobs []Job, share int) ([]report.Drill, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	drills := make([]report.Drill, len(jobs))
	places := newPool(s.hosts, share)
	left := newETA(jobs, places.wide(), time.Now())
	s.Progress.SetETA(left)
	var under sync.WaitGroup
	for n, i := range sortLongestFirst(jobs) {
		j := jobs[i]
		at, err := places.take(ctx, j.Scenario.Weight())
		if err != nil {
			stop(err)
			break
		}
		under.Go(func() {
			left.begin(j)
			defer left.end(j)
			var err error
			if drills[i], err = s.tryOn(ctx, places, at, n, len(jobs), j); err != nil && endsRun(drills[i], err) {
				stop(fmt.Errorf("cannot drill %s (%s arm): %w", j.Scenario.Name, j.Arm, err))
			}
		})
	}
	under.Wait()
	s.Report.Voids = append(s.Report.Voids, places.voids...)
	return drills, context.Cause(ctx)
}

// tryOn drills a job where it has a seat, and if that host is lost meanwhile, on the next one.
// What was seen on the lost one counts for nothing, and is kept beside the report.
func (s *Session) tryOn(ctx context.Context, places *pool, at seat, n, of int, j Job) (report.Drill, error) {
	for {
		d, err := s.tryJob(ctx, at.room.host, n, of, j)
		lost := s.lossOf(ctx, at.room.host, err)
		if lost == nil {
			places.release(at)
			return d, err
		}
		if places.lose(at, lost) {
			s.Progress.Tell(fmt.Sprintf("the Docker host %s is lost, and its drills go to the others: %v", at.room.docker.Address(), lost))
		}
		next, err := places.take(ctx, j.Scenario.Weight())
		if err != nil {
			return d, err
		}
		if HasEvidence(d) {
			places.void(d)
		}
		at = next
	}
}

// lossOf says why a drill that has ended with an error has lost its host, nil if it has not.
// The only host there is cannot be lost: what fails on it is the run's affair.
func (s *Session) lossOf(ctx context.Context, h *host, err error) error {
	if err == nil || len(s.hosts) == 1 || ctx.Err() != nil {
		return nil
	}
	var away cluster.AwayError
	if errors.As(err, &away) {
		return away
	}
	return h.docker.Answers(ctx)
}

// endsRun reports whether what has ended a drill would end every other one: it was told
// to, there is no engine to run, no cluster came up, or no host is left. Of a drill that has begun,
// which its evidence shows, the error is its own affair, and stands in its record.
func endsRun(d report.Drill, err error) bool {
	var engine drill.EngineError
	var image cluster.ImageError
	var none noHostError
	return !HasEvidence(d) || errors.Is(err, context.Canceled) || errors.As(err, &engine) || errors.As(err, &image) || errors.As(err, &none)
}

// sortLongestFirst returns the order in which jobs are begun: a long one that began last
// would run alone at the end. But the first is one with an engine in it: a command that
// cannot be run is known at once.
func sortLongestFirst(jobs []Job) []int {
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
