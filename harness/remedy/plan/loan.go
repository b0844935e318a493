package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// lend tries one of the workers that are down though nothing says that it would go well,
// and reports whether it does. Whatever the engine stops is stopped on loan: it may be
// wrong about the cause, or not see that it is over. The first trial comes soon, and each
// further one after a quarter more of the time (gap).
func (d *decider) lend(in *Incident) bool {
	lent := d.listLent(in)
	switch {
	case len(lent) == 0:
		in.Due = 0
		return false
	case in.Due == 0:
		in.Due = d.o.At + d.computeGap(in)
		return false
	case d.o.At < in.Due || d.s.isBusy(in) || (d.isSeen(in) && d.isStillDying(in)):
		return false
	}
	id := lent[in.Trials%len(lent)]
	why := fmt.Sprintf("nobody else starts it again: trial %d, whether it can live by now", in.Trials+1)
	if !d.tryAction(in, engine.ActionRestart, id, d.findNotListening(in, id), why) {
		return false
	}
	in.enter(StageCanary, d.o.At)
	in.Canary, in.Trial = id, true
	return true
}

// listLent lists the workers of an incident that are down and are to be tried: those that the
// engine has stopped for it, and those that PM2 has given up where that may have been too early.
func (d *decider) listLent(in *Incident) []int {
	return slices.DeleteFunc(d.listWaiting(in), func(id int) bool {
		w, _ := d.o.FindWorker(id)
		_, held := d.s.Held[id]
		if held && findTreatment(in.Diagnosis.Cause).others && d.s.Held[id] != in.Diagnosis.Cause {
			return true // another incident's
		}
		return !held && w.GaveUp && !in.Diagnosis.Passes && chooseFirstStage(in.Diagnosis) == StageEscalate
	})
}

// isStillDying reports whether workers of an incident are yet to be stopped.
func (d *decider) isStillDying(in *Incident) bool {
	return slices.ContainsFunc(in.Diagnosis.Dying, func(id int) bool {
		w, ok := d.o.FindWorker(id)
		return ok && !d.isDown(w)
	})
}

// computeGap returns the time to the next trial of an incident.
func (d *decider) computeGap(in *Incident) time.Duration {
	if in.Diagnosis.Lasts || chooseFirstStage(in.Diagnosis) == StageHold || findTreatment(in.Diagnosis.Cause).awaits == needClosedPort {
		return computeWait(d.limits.LoanFixed, in.Trials, d.limits.RetryMax) // a look several times a second says more than a trial
	}
	return computeWait(d.limits.Loan, in.Trials, d.limits.LoanMax)
}

// computeRetry returns the time from a failed start to the next one.
func (d *decider) computeRetry(in *Incident) time.Duration {
	return computeWait(d.limits.Retry, in.Attempts-1, d.limits.LoanMax)
}

// computeWait returns the wait before the next trial after n that failed. It grows by a
// quarter, so that the app comes back at most some quarter of the outage, and seconds,
// after the trouble is over: PM2 alone, whose back-off grows by half, is not much
// earlier.
func computeWait(first time.Duration, n int, most time.Duration) time.Duration {
	for range min(n, 32) {
		first += first / 4
	}
	return min(first, most)
}

// computePatience returns how long a canary may take to serve: a live one is better
// waited for than stopped, and after each that did not serve the next is given twice the
// time.
func (d *decider) computePatience(in *Incident) time.Duration {
	return d.limits.Canary << min(in.Attempts, 3)
}
