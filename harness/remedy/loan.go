package remedy

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// lend tries one of the workers that are down though nothing says that it would go well,
// and reports whether it does. Whatever the engine stops is stopped on loan: it may be
// wrong about the cause, or not see that it is over. The first trial comes soon, each
// further one after twice the time, and never later than Limits.RetryMax after the one
// before.
func (d *decider) lend(in *Incident) bool {
	lent := d.lent(in)
	switch {
	case len(lent) == 0:
		in.Due = 0
		return false
	case in.Due == 0:
		in.Due = d.o.At + d.gap(in)
		return false
	case d.o.At < in.Due || d.s.busy(in) || (d.seen(in) && d.stillDying(in)):
		return false
	}
	id := lent[in.Lent%len(lent)]
	why := fmt.Sprintf("nobody else starts it again: trial %d, whether it can live by now", in.Lent+1)
	if !d.act(in, engine.ActionRestart, id, d.deaf(in, id), why) {
		return false
	}
	in.enter(StageCanary, d.o.At)
	in.Canary, in.Loan = id, true
	return true
}

// lent lists the workers of an incident that are down and are to be tried: those that the
// engine has stopped, and those that PM2 has given up where that may have been too early.
func (d *decider) lent(in *Incident) []int {
	return slices.DeleteFunc(d.waiting(in), func(id int) bool {
		w, _ := d.o.worker(id)
		_, held := d.s.Held[id]
		return !held && w.GaveUp && !in.Finding.Passes && firstStage(in.Finding) == StagePage
	})
}

// stillDying reports whether workers of an incident are yet to be stopped.
func (d *decider) stillDying(in *Incident) bool {
	return slices.ContainsFunc(in.Finding.Dying, func(id int) bool {
		w, ok := d.o.worker(id)
		return ok && !d.down(w)
	})
}

// gap is the time to the next trial of an incident.
func (d *decider) gap(in *Incident) time.Duration {
	first := d.limits.Loan
	if in.Finding.Lasts || firstStage(in.Finding) == StageHold || in.Finding.Cause == engine.PortSibling {
		first = d.limits.LoanFixed // a look several times a second says more than a trial
	}
	return min(first<<min(in.Lent, 8), d.limits.RetryMax)
}

// patience is how long a canary may take to serve: a live one is better waited for than
// stopped, and after each that was not the next is given twice the time.
func (d *decider) patience(in *Incident) time.Duration {
	return d.limits.Canary << min(in.Attempts, 3)
}
