package promise

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Budget is what an engine's own processes may use of the host.
type Budget struct {
	Cores float64 // processor time over time, on average from the steady state to the end
	RSS   int64   // bytes in memory at any look, added up over its processes
}

// UsualBudget is what a gate allows: two fifths of a core, which is more than asking PM2 for
// its list every second by a command of its own costs, and 384 MiB, which is an engine in
// Node that runs two such commands at a time. The reference engine uses a hundredth of the
// one and a tenth of the other.
func UsualBudget() Budget { return Budget{Cores: 0.4, RSS: 384 << 20} }

// fewUsages are too few looks at an engine's processes to say anything.
const fewUsages = 5

// KeepsBudget: the engine's own processes, but PM2's daemon and what that runs, use no more of
// the host than the budget. It is read off the kernel's count of processor time and memory.
func KeepsBudget(b Budget) Promise {
	return Promise{
		Name:    "keeps-budget",
		Watches: evidence.WatchEngine,
		Hard:    true, // a host that the engine has kept busy is no excuse for it
		Sentence: fmt.Sprintf("the engine's own processes use at most %g of a core on average, and %d MiB",
			b.Cores, b.RSS>>20),
		Judge: func(r *evidence.Record) Finding {
			c, ok := CostOf(r)
			if !ok {
				return inconclusive(fmt.Sprintf("the engine's processes were looked at %d times, too few to judge", len(r.Usages)))
			}
			told := fmt.Sprintf("it used %.2f of a core on average, and %d MiB at most", c.Cores, c.RSS>>20)
			switch {
			case c.Cores > b.Cores:
				return broken(told, c.Busiest)
			case c.RSS > b.RSS:
				return broken(told, c.Largest)
			}
			return kept(told)
		},
	}
}

// Cost is what an engine's own processes used from the steady state to the end.
type Cost struct {
	Cores   float64       // on average
	RSS     int64         // bytes, at the look at which it was most
	Busiest time.Duration // when the second with the most processor time began
	Largest time.Duration // when RSS was seen
}

// CostOf reads off what the engine used; ok is false where it was hardly looked at.
func CostOf(r *evidence.Record) (c Cost, ok bool) {
	steady, began := r.Mark(evidence.MarkSteady)
	end, ended := r.Mark(evidence.MarkEnd)
	var looks []evidence.Usage
	for _, u := range r.Usages {
		if began && u.At >= steady.At && (!ended || u.At <= end.At) {
			looks = append(looks, u)
		}
	}
	if len(looks) < fewUsages {
		return Cost{}, false
	}
	first, last := looks[0], looks[len(looks)-1]
	c.Cores = (last.CPU - first.CPU).Seconds() / (last.At - first.At).Seconds()
	most := time.Duration(-1)
	for i, u := range looks {
		if u.RSS > c.RSS {
			c.RSS, c.Largest = u.RSS, u.At
		}
		if i > 0 && u.CPU-looks[i-1].CPU > most {
			most, c.Busiest = u.CPU-looks[i-1].CPU, looks[i-1].At
		}
	}
	return c, true
}
