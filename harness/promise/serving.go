package promise

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// KeepsServing: from the injection on there are never fewer than n workers that
// serve: each counts from its first answer on a lane of new connections to its
// last.
func KeepsServing(n int) Promise {
	return Promise{
		Name:     "keeps-serving",
		Sentence: fmt.Sprintf("never fewer than %d workers serve", n),
		Judge:    func(r *evidence.Record) Finding { return judgeServing(r, n) },
	}
}

// KeepsServingAllBut: from the injection on, never more than n of the app's workers do not
// serve, as KeepsServing counts them.
func KeepsServingAllBut(n int) Promise {
	return Promise{
		Name:     "keeps-serving",
		Sentence: fmt.Sprintf("never more than %d of the workers do not serve", n),
		Judge:    func(r *evidence.Record) Finding { return judgeServing(r, r.Header.Workers-n) },
	}
}

func judgeServing(r *evidence.Record, n int) Finding {
	least, at := LeastServing(r)
	if least < n {
		return newBroken(fmt.Sprintf("only %d served", least), at)
	}
	return newKept(fmt.Sprintf("at least %d served at any instant", least))
}

// LeastServing is the smallest number of workers that served at any instant
// from the injection (or the steady state) to the end of the load, and the
// first such instant.
func LeastServing(r *evidence.Record) (int, time.Duration) {
	from, ok := r.Mark(evidence.MarkInject)
	if !ok {
		from, _ = r.Mark(evidence.MarkSteady)
	}
	_, last := findLaneSpan(r, evidence.LaneShort)
	until := last - Window
	type life struct{ first, last time.Duration }
	lives, credit := map[int]life{}, r.Credit()
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Lane != evidence.LaneShort || !credit(q) {
			continue
		}
		l, ok := lives[q.PID]
		if !ok || q.Done < l.first {
			l.first = q.Done
		}
		l.last = max(l.last, q.Done)
		lives[q.PID] = l
	}
	count := func(t time.Duration) (n int) {
		for _, l := range lives {
			if l.first <= t && t <= l.last {
				n++
			}
		}
		return n
	}
	least, at := count(from.At), from.At
	for _, l := range lives {
		// The count can only fall right after a worker's last answer.
		t := l.last + 1
		if t < from.At || t > until {
			continue
		}
		if n := count(t); n < least || (n == least && t < at) {
			least, at = n, t
		}
	}
	return least, at
}
