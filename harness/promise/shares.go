package promise

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// shareFew is the fewest answers that say anything about shares: per worker, or
// in all where the question is only whether a worker has any.
const shareFew = 50

// SharesEvenly: in the steady state every worker answers its equal share of the
// lane's requests, give or take so many percent of it.
func SharesEvenly(lane string, percent int) Promise {
	return Promise{
		Name:     "shares-evenly",
		Sentence: fmt.Sprintf("every worker answers an equal share of the %s requests, within %d %%", lane, percent),
		Judge: func(r *evidence.Record) Finding {
			counts, sum := countShares(r, lane)
			if sum < shareFew*r.Header.Workers {
				return newInconclusive(fmt.Sprintf("%d answers are too few to judge shares", sum))
			}
			equal := float64(sum) / float64(r.Header.Workers)
			off := 0.0
			for _, n := range counts {
				off = max(off, 100*max(float64(n)-equal, equal-float64(n))/equal)
			}
			because := fmt.Sprintf("the workers answered %v; the farthest from equal is off by %.1f %%", counts, off)
			if off > float64(percent) {
				return newBroken(because)
			}
			return newKept(because)
		},
	}
}

// LeavesOut: in the steady state some worker gets none of the requests of a lane
// that keeps fewer connections than there are workers, although it serves. With
// as many connections as workers, each may have one, and nothing is shown.
func LeavesOut(lane string) Promise {
	return Promise{
		Name:     "leaves-out",
		Sentence: fmt.Sprintf("the %s requests all go to some workers, and at least one that serves gets none", lane),
		Judge: func(r *evidence.Record) Finding {
			counts, sum := countShares(r, lane)
			n := countConnections(r, lane)
			if sum < shareFew || n >= r.Header.Workers {
				return newInconclusive(fmt.Sprintf("%d answers on %d connections say nothing of who is left out", sum, n))
			}
			because := fmt.Sprintf("%d connections carried %d requests: the workers answered %v", n, sum, counts)
			if len(counts) != r.Header.Workers || counts[0] > 0 {
				return newBroken(because)
			}
			return newKept(because)
		},
	}
}

// countConnections returns how many connections carried the lane's requests in the steady
// state.
func countConnections(r *evidence.Record, lane string) int {
	steady, _ := r.Mark(evidence.MarkSteady)
	seen := map[int]bool{}
	for i := range r.Requests {
		if q := &r.Requests[i]; q.Lane == lane && q.Due >= steady.At && q.Sent > 0 {
			seen[q.Conn] = true
		}
	}
	return len(seen)
}

// countShares returns how many of the lane's answers from the steady state on came from
// each worker, the fewest first, and their sum. Every worker that serves new connections
// has a count.
func countShares(r *evidence.Record, lane string) (counts []int, sum int) {
	steady, _ := r.Mark(evidence.MarkSteady)
	by := map[int]int{}
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Class != evidence.Answered || q.PID == 0 || q.Due < steady.At {
			continue
		}
		switch q.Lane {
		case lane:
			by[q.PID]++
			sum++
		case evidence.LaneShort:
			by[q.PID] += 0
		}
	}
	// A worker with no answer at all has a share too: none.
	counts = slices.Sorted(maps.Values(by))
	for len(counts) < r.Header.Workers && lane == evidence.LaneShort {
		counts = append([]int{0}, counts...)
	}
	return counts, sum
}
