package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Window is how long a look at who serves lasts. At a lane's usual rate every
// worker of a healthy cluster answers several times within it.
const Window = time.Second

// Recovers: every worker serves again within d of the fault's end, and still
// does at the end of the drill. The fault's end is when it was lifted, or when
// it was injected if it is one that stays until somebody acts.
func Recovers(d time.Duration) Promise {
	return Promise{
		Name:     "recovers",
		Sentence: fmt.Sprintf("every worker serves again within %s", d),
		Judge:    func(r *evidence.Record) Finding { return judgeRecovery(r, d, false) },
		Later:    func(by time.Duration) Promise { return Recovers(d + by) },
	}
}

// Replaces: within d of being asked, every worker has been replaced by a new
// process that serves.
func Replaces(d time.Duration) Promise {
	return Promise{
		Name:     "replaces",
		Sentence: fmt.Sprintf("every worker is replaced by a new one that serves within %s", d),
		Judge:    func(r *evidence.Record) Finding { return judgeRecovery(r, d, true) },
		Later:    func(by time.Duration) Promise { return Replaces(d + by) },
	}
}

func judgeRecovery(r *evidence.Record, d time.Duration, replaced bool) Finding {
	from, ok := FaultEnd(r)
	if !ok {
		return newInconclusive("the fault has no end on record")
	}
	took, ok := TimeToRecover(r, replaced)
	switch {
	case !ok:
		end, _ := r.Mark(evidence.MarkEnd)
		_, last := findLaneSpan(r, evidence.LaneShort)
		n, whom := r.StillServing(last-Window, last), "workers"
		if replaced {
			inject, _ := r.Mark(evidence.MarkInject)
			old := r.Serving(inject.At-Window, inject.At)
			n, whom = slices.DeleteFunc(n, func(pid int) bool { return slices.Contains(old, pid) }), "new workers"
		}
		return newBroken(fmt.Sprintf("%d of %d %s served at the end, %s after the fault's end%s",
			len(n), r.Expected(), whom, (end.At-from).Round(time.Second), describeImposters(r, last-Window, last)), from)
	case took > d:
		return newBroken(fmt.Sprintf("it took %s, more than %s", took.Round(time.Millisecond), d), from+took)
	}
	return newKept(fmt.Sprintf("all %d workers served after %s", r.Expected(), took.Round(time.Millisecond)))
}

// describeImposters counts the answers that came from others than PM2's own workers, ""
// if none did.
func describeImposters(r *evidence.Record, from, to time.Duration) string {
	credit, n := r.Credit(), 0
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Lane == evidence.LaneShort && q.Class == evidence.Answered && q.PID > 0 && q.Done >= from && q.Done <= to && !credit(q) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %d answers came from somebody who is none of PM2's workers, or not behind PM2's listener", n)
}

// FaultEnd is the instant recovery is measured from.
func FaultEnd(r *evidence.Record) (time.Duration, bool) {
	if m, ok := r.Mark(evidence.MarkLifted); ok {
		return m.At, true
	}
	m, ok := r.Mark(evidence.MarkInject)
	return m.At, ok
}

// TimeToRecover is how long after the fault's end the last worker came back;
// replaced asks for new processes only. It is read off answers: for each worker,
// the first answer after the fault's end of the process that still answers at the
// end of the drill.
func TimeToRecover(r *evidence.Record, replaced bool) (time.Duration, bool) {
	from, ok := FaultEnd(r)
	if !ok {
		return 0, false
	}
	_, end := findLaneSpan(r, evidence.LaneShort)
	final := r.StillServing(end-Window, end)
	if len(final) < r.Expected() {
		return 0, false
	}
	inject, _ := r.Mark(evidence.MarkInject)
	old := r.Serving(inject.At-Window, inject.At)
	first := findFirstAnswers(r, from)
	var took time.Duration
	for _, pid := range final {
		if _, answered := first[pid]; !answered || (replaced && slices.Contains(old, pid)) {
			return 0, false
		}
		took = max(took, first[pid]-from)
	}
	// A process that the fault hit and that lives on may have answered between
	// the injection and the bite: what counts is when it answered again.
	if bitten, ok := r.Mark(evidence.MarkBitten); ok {
		again := findFirstAnswers(r, bitten.At)
		for _, pid := range bitten.PIDs {
			if slices.Contains(final, pid) {
				took = max(took, again[pid]-from)
			}
		}
	}
	return took, true
}

// findFirstAnswers returns the time of the first answer at or after t, by pid.
func findFirstAnswers(r *evidence.Record, t time.Duration) map[int]time.Duration {
	first, credit := map[int]time.Duration{}, r.Credit()
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Done < t || !credit(q) {
			continue
		}
		if was, ok := first[q.PID]; !ok || q.Done < was {
			first[q.PID] = q.Done
		}
	}
	return first
}
