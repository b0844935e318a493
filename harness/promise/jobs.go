package promise

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// RunsOnce: from the injection on, the app's scheduled job runs at most once for
// each tick. The job's own database is asked, never the app's log.
func RunsOnce() Promise {
	return Promise{
		Name:     "runs-once",
		Sentence: "the scheduled job runs at most once for each tick",
		Judge: func(r *evidence.Record) Finding {
			inject, ok := r.Mark(evidence.MarkInject)
			if !ok || !ranBefore(r, inject.At) {
				return inconclusive("the job was not seen to run before the injection")
			}
			first := map[int64]evidence.JobRun{}
			twice, ticks := []evidence.JobRun{}, 0
			for _, run := range runsSince(r, inject.At) {
				if _, ran := first[run.Tick]; ran {
					twice = append(twice, run)
					continue
				}
				first[run.Tick] = run
				ticks++
			}
			if len(twice) > 0 {
				was := first[twice[0].Tick]
				return broken(fmt.Sprintf("%d runs too many for %d ticks: pid %d and pid %d both ran one",
					len(twice), ticks, was.PID, twice[0].PID), twice[0].At)
			}
			return kept(fmt.Sprintf("%d ticks, %d runs", ticks, ticks))
		},
	}
}

// KeepsRunning: the app's scheduled job never rests for longer than d. It is
// due every second.
func KeepsRunning(d time.Duration) Promise {
	return Promise{
		Name:     "keeps-running",
		Sentence: fmt.Sprintf("the scheduled job never rests for longer than %s", d),
		Judge: func(r *evidence.Record) Finding {
			inject, ok := r.Mark(evidence.MarkInject)
			end, ended := r.Mark(evidence.MarkEnd)
			if !ok || !ended || !ranBefore(r, inject.At) {
				return inconclusive("the job was not seen to run before the injection")
			}
			rest, last := time.Duration(0), inject.At
			from := last
			for _, run := range append(runsSince(r, inject.At), evidence.JobRun{At: end.At}) {
				if run.At-last > rest {
					rest, from = run.At-last, last
				}
				last = run.At
			}
			if rest > d {
				return broken(fmt.Sprintf("it rested for %.1f s", rest.Seconds()), from)
			}
			return kept(fmt.Sprintf("at most %.1f s between two runs", rest.Seconds()))
		},
	}
}

// ranBefore reports whether the sink had seen the job run within jobSeen of t.
func ranBefore(r *evidence.Record, t time.Duration) bool {
	return slices.ContainsFunc(r.JobRuns, func(run evidence.JobRun) bool { return run.At < t && run.At >= t-jobSeen })
}

// jobSeen is how young a run must be to show that the job was running.
const jobSeen = 3 * time.Second

// runsSince returns the runs from t on, in the order of their time.
func runsSince(r *evidence.Record, t time.Duration) []evidence.JobRun {
	runs := slices.DeleteFunc(slices.Clone(r.JobRuns), func(run evidence.JobRun) bool { return run.At < t })
	slices.SortFunc(runs, func(a, b evidence.JobRun) int { return cmp.Compare(a.At, b.At) })
	return runs
}
