package page

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"

	"github.com/pm2drill/pm2drill/harness/report"
)

// laneData is a lane's requests by when they were due.
type laneData struct {
	Name    string   `json:"name"`
	Rate    float64  `json:"rate"`
	Timeout int64    `json:"timeout"`
	Owed    int      `json:"owed"`
	Dropped int      `json:"dropped"`
	From    int      `json:"from"` // first bucket of Answered
	Ans     []int    `json:"ans"`
	Lost    [][3]int `json:"lost"` // bucket, index into classes, number
	// Milliseconds from due to answered, per slice in which any that was answered fell
	// due: slice, median, 99th percentile. From due and not from sent: a request that
	// had to wait for its turn waited.
	Took [][3]float64 `json:"took"`
}

func (z zero) buildLane(r *evidence.Record, l report.Lane) laneData {
	out := laneData{Name: l.Name, Owed: l.Owed, Dropped: l.Dropped, Ans: []int{}, Lost: [][3]int{}}
	for _, spec := range r.Header.Lanes {
		if spec.Lane == l.Name {
			out.Rate, out.Timeout = spec.Rate, spec.Timeout.Milliseconds()
		}
	}
	answered := map[int]int{}
	lost := map[[2]int]int{}
	classes := evidence.Classes()
	lo, hi := -1, -1
	took := map[int][]time.Duration{}
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Lane != l.Name {
			continue
		}
		b := int((q.Due - time.Duration(z)) / bucket)
		if q.Class != evidence.Answered {
			lost[[2]int{b, slices.Index(classes, q.Class)}]++
			continue
		}
		answered[b]++
		took[b/int(slice/bucket)] = append(took[b/int(slice/bucket)], q.Done-q.Due)
		if lo < 0 || b < lo {
			lo = b
		}
		hi = max(hi, b)
	}
	for b := lo; lo >= 0 && b <= hi; b++ {
		out.Ans = append(out.Ans, answered[b])
	}
	out.From = max(lo, 0)
	for k, n := range lost {
		out.Lost = append(out.Lost, [3]int{k[0], k[1], n})
	}
	slices.SortFunc(out.Lost, func(a, b [3]int) int { return slices.Compare(a[:], b[:]) })
	out.Took = computePercentiles(took)
	return out
}

// computePercentiles returns a row for each slice of time, in order: its number, then the
// median and the 99th percentile in milliseconds, by nearest rank, rounded to a tenth.
func computePercentiles(took map[int][]time.Duration) [][3]float64 {
	out := [][3]float64{}
	for _, k := range slices.Sorted(maps.Keys(took)) {
		all := took[k]
		slices.Sort(all)
		rank := func(percent int) float64 {
			return math.Round(float64(all[(len(all)*percent+99)/100-1])/1e5) / 10
		}
		out = append(out, [3]float64{float64(k), rank(50), rank(99)})
	}
	return out
}
