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
	if first, served := a.served[q.PID]; !served || first >= a.inject || a.touched(q.PID, q.Done) {
		return
	}
	a.errors[q.Status] = append(a.errors[q.Status], *q)
}

// touched reports whether the engine had begun to do something to a process by t.
func (a attributor) touched(pid int, t time.Duration) bool {
	id := workerOf(a.r, pid)
	return slices.ContainsFunc(a.deeds, func(d Deed) bool {
		return d.Begin <= t && (d.everybody() || d.PID == pid || d.PID == 0 && d.ID == id)
	})
}

// alike is a worker that nobody had touched and that answered with the same status at about
// the time of q, 0 for none: what an engine has done to another worker is not why. In an
// outage that the app lives through a new worker has no server either.
func (a attributor) alike(q evidence.Request) int {
	same := a.errors[q.Status]
	i, _ := slices.BinarySearchFunc(same, q.Done-Window, func(x evidence.Request, t time.Duration) int { return cmp.Compare(x.Done, t) })
	if i == len(same) || same[i].Done > q.Done+Window {
		return 0
	}
	return same[i].PID
}
