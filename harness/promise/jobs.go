package promise

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// RunsOnce: from the injection on, the app's scheduled job runs at most once for
// each tick. The job's own database is asked, never the app's log. A process says itself for which
// tick it runs, by its clock: one that a busy host starts half a second late takes the next one
// for its own, and that one comes too. So a tick is run twice when two processes run it.
func RunsOnce() Promise {
	return Promise{
		Name:     "runs-once",
		Sentence: "the scheduled job runs at most once for each tick",
		Judge: func(r *evidence.Record) Finding {
			inject, ok := r.Mark(evidence.MarkInject)
			if !ok || !hasRunBefore(r, inject.At) {
				return newInconclusive("the job was not seen to run before the injection")
			}
			first := map[int64]evidence.JobRun{}
			twice, ticks := []evidence.JobRun{}, 0
			for _, run := range listRunsSince(r, inject.At) {
				if was, ran := first[run.Tick]; ran {
					if was.PID != run.PID {
						twice = append(twice, run)
					}
					continue
				}
				first[run.Tick] = run
				ticks++
			}
			if len(twice) > 0 {
				was := first[twice[0].Tick]
				return newBroken(fmt.Sprintf("%d runs too many for %d ticks: pid %d and pid %d both ran one",
					len(twice), ticks, was.PID, twice[0].PID), twice[0].At)
			}
			return newKept(fmt.Sprintf("%d ticks, %d runs", ticks, ticks))
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
			if !ok || !ended || !hasRunBefore(r, inject.At) {
				return newInconclusive("the job was not seen to run before the injection")
			}
			rest, last := time.Duration(0), inject.At
			from := last
			for _, run := range append(listRunsSince(r, inject.At), evidence.JobRun{At: end.At}) {
				if run.At-last > rest {
					rest, from = run.At-last, last
				}
				last = run.At
			}
			if rest > d {
				return newBroken(fmt.Sprintf("it rested for %.1f s", rest.Seconds()), from)
			}
			return newKept(fmt.Sprintf("at most %.1f s between two runs", rest.Seconds()))
		},
	}
}

// hasRunBefore reports whether the sink had seen the job run within jobSeen before t.
func hasRunBefore(r *evidence.Record, t time.Duration) bool {
	return slices.ContainsFunc(r.JobRuns, func(run evidence.JobRun) bool { return run.At < t && run.At >= t-jobSeen })
}

// jobSeen is how young a run must be to show that the job was running.
const jobSeen = 3 * time.Second

// listRunsSince returns the job's runs from t on, in the order of their time.
func listRunsSince(r *evidence.Record, t time.Duration) []evidence.JobRun {
	runs := slices.DeleteFunc(slices.Clone(r.JobRuns), func(run evidence.JobRun) bool { return run.At < t })
	slices.SortFunc(runs, func(a, b evidence.JobRun) int { return cmp.Compare(a.At, b.At) })
	return runs
}
