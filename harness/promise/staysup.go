package promise

import (
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// StaysUp: from its start to the end of the drill not one process of the app ends,
// and PM2 restarts none: a cold start after which nothing moves.
func StaysUp() Promise {
	return Promise{
		Name:     "stays-up",
		Sentence: "every worker starts once and stays",
		Judge: func(r *evidence.Record) Finding {
			end, _ := r.Mark(evidence.MarkEnd)
			for _, e := range r.Exits {
				if e.ID >= 0 && e.At < end.At {
					return newBroken(fmt.Sprintf("worker %d (pid %d) ended %.1f s after the start", e.ID, e.PID, (e.At-r.Header.Start).Seconds()), e.At)
				}
			}
			if len(r.Snapshots) == 0 {
				return newInconclusive("the observer never looked")
			}
			last := r.Snapshots[len(r.Snapshots)-1]
			for _, w := range last.Workers {
				if w.Restarts > 0 || !w.Alive {
					return newBroken(fmt.Sprintf("PM2 says of worker %d: %s, %d restarts", w.ID, w.Status, w.Restarts), last.At)
				}
			}
			if len(last.Workers) != r.Header.Workers {
				return newBroken(fmt.Sprintf("PM2 has %d workers, and the file says %d", len(last.Workers), r.Header.Workers), last.At)
			}
			return newKept(fmt.Sprintf("%d workers, no exit and no restart", len(last.Workers)))
		},
	}
}

// LosesOnlyItsOwn: what is lost when a worker is killed was with that worker.
func LosesOnlyItsOwn() Promise {
	return Promise{
		Name:     "loses-only-its-own",
		Sentence: "no request is dropped but those that were with the killed worker",
		Judge: func(r *evidence.Record) Finding {
			var others []Loss
			all := Losses(r)
			for _, l := range all {
				if l.Cause != ByFault {
					others = append(others, l)
				}
			}
			if len(others) > 0 {
				return newBroken(describeLosses(others), listDueTimes(others)...)
			}
			return newKept(fmt.Sprintf("%s; %d were with it", describeOwed(r), len(all)))
		},
	}
}
