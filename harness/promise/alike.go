package promise

import (
	"cmp"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// enterError keeps an answer of a wrong status that a worker gave which nobody had touched:
// it had served before the injection, and no deed of the engine's was about it by then.
func (a attributor) enterError(q *evidence.Request) {
	if q.Class != evidence.WrongStatus || q.PID <= 0 || a.inject == 0 || q.Done < a.inject {
		return
	}
	if first, served := a.served[q.PID]; !served || first >= a.inject || a.isTouched(q.PID, q.Done) {
		return
	}
	a.errors[q.Status] = append(a.errors[q.Status], *q)
}

// isTouched reports whether the engine had begun to do something to a process by t.
func (a attributor) isTouched(pid int, t time.Duration) bool {
	id := findWorkerID(a.r, pid)
	return slices.ContainsFunc(a.deeds, func(d Deed) bool {
		return d.Begin <= t && (d.isForAll() || d.PID == pid || d.PID == 0 && d.ID == id)
	})
}

// findAlike returns the pid of a worker that nobody had touched and that answered with
// the same status at about the time of q, 0 for none: what an engine has done to another
// worker is not the reason then. In an outage that the app survives, a new worker has no
// server either.
func (a attributor) findAlike(q evidence.Request) int {
	same := a.errors[q.Status]
	i, _ := slices.BinarySearchFunc(same, q.Done-Window, func(x evidence.Request, t time.Duration) int { return cmp.Compare(x.Done, t) })
	if i == len(same) || same[i].Done > q.Done+Window {
		return 0
	}
	return same[i].PID
}
