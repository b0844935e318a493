package promise

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// using has the engine use so many cores, and so much memory that grows by so much a second.
func using(cores float64, rss, grows int64) history {
	h := faulted()
	h.Header.Watches = []string{evidence.WatchEngine}
	for t := range 31 {
		h.Usages = append(h.Usages, evidence.Usage{At: sec(float64(t)), Processes: 1, CPU: sec(cores * float64(t)), RSS: rss + grows*int64(t)})
	}
	return h
}

// piling is a quiet engine of which edit tells what it has at each second.
func piling(edit func(u *evidence.Usage, t int)) history {
	h := using(0.01, 30<<20, 0)
	for t := range h.Usages {
		edit(&h.Usages[t], t)
	}
	return h
}

// busyDaemon has PM2's daemon use so many hundredths of a core.
func busyDaemon(h history, ticks int) history {
	for i := range h.Snapshots {
		s := &h.Snapshots[i]
		s.Process = &evidence.Worker{ID: -1, PID: s.Daemon, Alive: true, CPU: ticks * int(s.At/sec(1))}
	}
	return h
}

// spinning has a thread of the engine's run and wait for such shares of each second between two
// moments, whole seconds.
func spinning(h history, from, to int, ran, waited float64) history {
	for i := range h.Usages {
		if i > from && i <= to {
			h.Usages[i].Busiest = &evidence.Thread{TID: 7, Ran: sec(ran), Waited: sec(waited)}
		}
	}
	return h
}

// budgetHistories tell what an engine uses of the host.
func budgetHistories() []ruled {
	const mib = 1 << 20
	within := KeepsBudget(UsualBudget())
	return []ruled{
		{"a quiet engine", within, func() history { return using(0.01, 30*mib, 0) }, Kept},
		{"an engine that burns a core", within, func() history { return using(1, 30*mib, 0) }, Broken},
		{"an engine that grows", within, func() history { return using(0.01, 30*mib, 20*mib) }, Broken},
		{"an engine that has ended", within, func() history {
			h := using(0.01, 30*mib, 0)
			for i := range h.Usages {
				if i > 15 {
					h.Usages[i] = evidence.Usage{At: h.Usages[i].At, CPU: h.Usages[15].CPU}
				}
			}
			return h
		}, Kept},
		{"an engine that was busy before the steady state", within, func() history {
			h := using(0.01, 30*mib, 0)
			for i := range h.Usages {
				h.Usages[i].CPU += sec(min(float64(i), 4))
			}
			h.Usages[2].RSS = 900 * mib
			return h
		}, Kept},
		{"a loop that never sleeps on a host that gives it half a core", within, func() history { return spinning(using(0.25, 30*mib, 0), 20, 30, 0.5, 0.5) }, Broken},
		{"a loop that never sleeps on a host that hardly gives it a core", within, func() history { return spinning(using(0.05, 30*mib, 0), 20, 30, 0.1, 0.9) }, Inconclusive},
		{"an engine that asks PM2 without a pause", within, func() history { return busyDaemon(using(0.1, 30*mib, 0), 90) }, Broken},
		{"PM2 starts workers all the time", within, func() history {
			h := busyDaemon(using(0.1, 30*mib, 0), 90)
			for i := range h.Snapshots {
				h.Snapshots[i].Workers[1].Restarts = i
			}
			return h
		}, Kept},
		{"an engine that asks PM2 without a pause, and has it tell of starts that never were", within, func() history {
			return busyDaemon(using(0.1, 30*mib, 0), 90).started(1, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29)
		}, Broken},
		{"an engine that leaves processes behind", within, func() history {
			return piling(func(u *evidence.Usage, t int) { u.Processes = 5 * t })
		}, Broken},
		{"an engine with a few commands at a time", within, func() history {
			return piling(func(u *evidence.Usage, t int) { u.Processes = 12 })
		}, Kept},
		{"an engine that closes no connection", within, func() history {
			return piling(func(u *evidence.Usage, t int) { u.Open = 40 + 100*t })
		}, Broken},
		{"an engine that fills the disk", within, func() history {
			return piling(func(u *evidence.Usage, t int) { u.Written = int64(t) * 20 * mib })
		}, Broken},
		{"an engine that keeps a log", within, func() history {
			return piling(func(u *evidence.Usage, t int) { u.Open, u.Written = 40, int64(t)*mib })
		}, Kept},
		{"an engine that asks PM2 each second", within, func() history { return busyDaemon(using(0.1, 30*mib, 0), 15) }, Kept},
		{"a short burst", within, func() history { return spinning(using(0.2, 30*mib, 0), 20, 23, 1, 0) }, Kept},
		{"commands one after the other, on a busy host", within, func() history {
			return spinning(spinning(using(0.1, 30*mib, 0), 12, 16, 0.2, 0.8), 17, 21, 0.2, 0.8)
		}, Kept},
		{"an engine that waits for a core now and then", within, func() history { return spinning(using(0.01, 30*mib, 0), 6, 30, 0.01, 0.7) }, Kept},
		{"an engine that nobody looked at", within, func() history {
			h := faulted()
			h.Header.Watches = []string{evidence.WatchEngine}
			return h
		}, Inconclusive},
	}
}

func TestKeepsBudget(t *testing.T) {
	for _, c := range budgetHistories() {
		if got := Judge(c.record().record(), []Promise{c.promise})[0]; got.Verdict != c.want {
			t.Errorf("%s: %s, %s", c.name, got.Verdict, got.Because)
		}
	}
	if got := Judge(faulted().record(), []Promise{KeepsBudget(UsualBudget())}); len(got) != 0 {
		t.Errorf("a record of before is judged: %+v", got)
	}
}
