package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Budget is what an engine's own processes may use of the host.
type Budget struct {
	Cores float64 // processor time over time, on average from the steady state to the end
	RSS   int64   // bytes in memory at any look, added up over its processes
	// Daemon is what PM2's daemon may use meanwhile, as Cores: whoever asks it without a pause has
	// it do the work.
	Daemon float64
	// What it may have and do at any look, added up over its processes: processes, descriptors that
	// are open, and bytes written to files, pipes and sockets since its start.
	Processes, Open int
	Written         int64
}

// UsualBudget is what a gate allows: two fifths of a core, which is more than asking PM2 for
// its list every second by a command of its own costs, and 384 MiB, which is an engine in
// Node that runs two such commands at a time. The reference engine uses a hundredth of the
// one and a tenth of the other. PM2's daemon uses 0.03 to 0.05 of a core under the usual load, and
// one that is asked again and again all of one. An engine in shell has some ten processes, one in
// Node some forty descriptors, and none of them writes a hundred kilobytes a second.
func UsualBudget() Budget {
	return Budget{Cores: 0.4, RSS: 384 << 20, Daemon: 0.3, Processes: 64, Open: 1024, Written: 256 << 20}
}

// fewUsages are too few looks at an engine's processes to say anything.
const fewUsages = 5

// KeepsBudget: the engine's own processes, but PM2's daemon and what that runs, use no more of
// the host than the budget, and have the daemon use no more than that. It is read off the kernel's count of processor time and memory.
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
				return newInconclusive(fmt.Sprintf("the engine's processes were looked at %d times, too few to judge", len(r.Usages)))
			}
			told := fmt.Sprintf("it used %.2f of a core on average, and %d MiB at most", c.Cores, c.RSS>>20)
			switch {
			case c.Cores > b.Cores:
				return newBroken(told, c.Busiest)
			case c.RSS > b.RSS:
				return newBroken(told, c.Largest)
			}
			if left, at := b.findPile(r); left != "" {
				return newBroken(told+"; "+left, at)
			}
			if cores := daemonCores(r); cores > b.Daemon {
				return newBroken(fmt.Sprintf("%s; it kept PM2's daemon busy, which used %.2f of a core on average", told, cores))
			}
			switch s := longestSpin(r); {
			case s.lasted >= spinFor && s.ran >= spinCPU:
				return newBroken(fmt.Sprintf("%s; one of its threads never rested for %s, and had a core for %s of them",
					told, s.lasted.Round(time.Second), s.ran.Round(time.Second/10)), s.at)
			case s.lasted >= spinFor:
				return newInconclusive(fmt.Sprintf("%s; one of its threads never rested for %s, in which this busy host gave it a core for %s",
					told, s.lasted.Round(time.Second), s.ran.Round(time.Second/10)))
			}
			return newKept(told)
		},
	}
}

// daemonCores is what PM2's daemon used of the processors from the steady state to the end, on
// average over the time between looks in which no process of the app came or went, for to start one
// costs it something; 0 where there is too little of that.
func daemonCores(r *evidence.Record) float64 {
	steady, _ := r.Mark(evidence.MarkSteady)
	end, _ := r.Mark(evidence.MarkEnd)
	var last evidence.Snapshot
	var ticks int
	var over time.Duration
	busy := time.Duration(-Window) // the last look that found a process gone or come
	for _, s := range r.Snapshots {
		if s.Process == nil || s.At < steady.At || s.At > end.At {
			continue
		}
		if last.Process != nil && last.Daemon == s.Daemon && churned(r, last, s) {
			busy = s.At
		} else if last.Process != nil && last.Daemon == s.Daemon && last.At-busy >= Window {
			ticks, over = ticks+s.Process.CPU-last.Process.CPU, over+s.At-last.At
		}
		last = s
	}
	if over < calmFor {
		return 0
	}
	return float64(ticks) / 100 / over.Seconds()
}

// calmFor is the least time that says what the daemon uses.
const calmFor = 3 * time.Second

// churned reports whether a process of PM2's came or went between two looks: by the kernel's word
// and PM2's list, for whoever asks PM2 may have it say on the bus what never was (God.js,
// notifyByProcessId).
func churned(r *evidence.Record, was, is evidence.Snapshot) bool {
	count := func(s evidence.Snapshot) (rows [][3]int) {
		for _, w := range slices.Concat(s.Workers, s.Others) {
			rows = append(rows, [3]int{w.ID, w.PID, w.Restarts})
		}
		return rows
	}
	return !slices.Equal(count(was), count(is)) || slices.ContainsFunc(r.Exits, func(x evidence.Exit) bool { return x.At >= was.At && x.At <= is.At })
}

// findPile says of what the engine had too much at a look, "" if of nothing.
func (b Budget) findPile(r *evidence.Record) (what string, at time.Duration) {
	steady, _ := r.Mark(evidence.MarkSteady)
	for _, u := range r.Usages {
		switch {
		case u.At < steady.At:
		case b.Processes > 0 && u.Processes > b.Processes:
			return fmt.Sprintf("it had %d processes at a time, more than %d", u.Processes, b.Processes), u.At
		case b.Open > 0 && u.Open > b.Open:
			return fmt.Sprintf("it had %d descriptors open at a time, more than %d", u.Open, b.Open), u.At
		case b.Written > 0 && u.Written > b.Written:
			return fmt.Sprintf("it had written %d MiB, more than %d", u.Written>>20, b.Written>>20), u.At
		}
	}
	return "", 0
}

// What is a loop that never sleeps: a thread that is ready in all of so long a time, and has
// run for so long, which is several times what a command of PM2's takes. On a busy host that
// takes longer than on a quiet one, and less shows what it would use there.
const (
	spinFor   = 5 * time.Second
	spinCPU   = 2 * time.Second
	spinShare = 0.9 // of the time between two looks
)

// spin is a stretch in which one thread never rested.
type spin struct {
	tid         int
	at          time.Duration // of the look after which it began
	lasted, ran time.Duration
}

// longestSpin is the stretch in which a thread of the engine's ran most without a rest, of those
// that were long enough, else the longest.
func longestSpin(r *evidence.Record) (most spin) {
	steady, _ := r.Mark(evidence.MarkSteady)
	end, ended := r.Mark(evidence.MarkEnd)
	var now spin
	last := time.Duration(0)
	for _, u := range r.Usages {
		if u.At < steady.At || (ended && u.At > end.At) {
			continue
		}
		took, t := u.At-last, u.Busiest
		switch {
		case last == 0 || t == nil || float64(t.Ran+t.Waited) < spinShare*float64(took):
			now = spin{}
		case now.tid != t.TID:
			now = spin{tid: t.TID, at: last, lasted: took, ran: t.Ran}
		default:
			now.lasted, now.ran = now.lasted+took, now.ran+t.Ran
		}
		last = u.At
		if now.lasted > most.lasted {
			most = now
		}
	}
	return most
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
