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
