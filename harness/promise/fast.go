package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// slowdown is how many times longer than before the injection an answer may
// take, and slowFew the fewest answers that say anything about a worker.
const (
	slowdown = 3
	slowFew  = 20
)

// StaysFast: from d after the injection on, no worker's median answer takes more
// than slowdown times as long as the median answer did before. Time is counted
// from when a request of the short lane was due.
func StaysFast(d time.Duration) Promise {
	return Promise{
		Name:     "stays-fast",
		Sentence: fmt.Sprintf("from %s after the injection on, no worker takes %d times as long to answer as before", d, slowdown),
		Later:    func(by time.Duration) Promise { return StaysFast(d + by) },
		Judge: func(r *evidence.Record) Finding {
			inject, ok := r.Mark(evidence.MarkInject)
			before, after := []time.Duration{}, map[int][]time.Duration{}
			for i := range r.Requests {
				q := &r.Requests[i]
				switch took := q.Done - q.Due; {
				case q.Lane != evidence.LaneShort || q.Class != evidence.Answered:
				case q.Done < inject.At:
					before = append(before, took)
				case q.Due >= inject.At+d:
					after[q.PID] = append(after[q.PID], took)
				}
			}
			if !ok || len(before) < slowFew || len(after) == 0 {
				return newInconclusive("too few answers before the injection or after the deadline")
			}
			was, slowest, worst := computeMedian(before), time.Duration(0), 0
			for pid, took := range after {
				if m := computeMedian(took); len(took) >= slowFew && m > slowest {
					slowest, worst = m, pid
				}
			}
			switch {
			case worst == 0:
				return newInconclusive("no worker gave enough answers after the deadline")
			case slowest > slowdown*was:
				return newBroken(fmt.Sprintf("pid %d took %s, before it was %s", worst, slowest.Round(time.Millisecond), was.Round(time.Millisecond)), inject.At+d)
			}
			return newKept(fmt.Sprintf("the slowest worker took %s, before it was %s", slowest.Round(time.Millisecond), was.Round(time.Millisecond)))
		},
	}
}

func computeMedian(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}
