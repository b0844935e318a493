package promise

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// StaysQuiet: nothing is wrong, so the engine diagnoses nothing, does nothing
// and pages nobody, and no worker's process ends.
func StaysQuiet() Promise {
	return Promise{
		Name:     "stays-quiet",
		Cause:    NoCause,
		Sentence: "the engine leaves a healthy cluster alone",
		Judge: func(r *evidence.Record) Finding {
			from, _ := findEngineStart(r)
			steady, _ := r.Mark(evidence.MarkSteady)
			end, _ := r.Mark(evidence.MarkEnd)
			for _, c := range r.Claims {
				if c.Type == "detected" || c.Type == "symptom" || c.Type == "action" || c.Type == "incident" {
					return newBroken(fmt.Sprintf("it said %s %s%s", c.Type, c.Cause, c.Action), c.At)
				}
			}
			q := newInquest(r)
			for _, x := range q.exits {
				if x.At <= from || x.At >= end.At {
					continue
				}
				if e := q.judgeEnding(x); e.By != ByPM2 {
					return newBroken(fmt.Sprintf("worker %d (pid %d) went%s", x.ID, x.PID, e.describeHow()), x.At)
				}
			}
			if deeds := Unsaid(r); len(deeds) > 0 {
				d := deeds[0]
				return newBroken(fmt.Sprintf("it did %s of %s without a word%s", d.Action, d.describeSubject(d.ID), quoteReason(d.Told)), d.Begin)
			}
			if at := findDebuggerOpened(r, from, end.At); at > 0 {
				return newBroken("somebody opened a debugger in a process of PM2's", at)
			}
			if len(r.Alerts) > 0 {
				return newBroken("it alerted", r.Alerts[0].At)
			}
			for _, name := range []string{evidence.MarkEngineEnded, evidence.MarkEngineMuted} {
				if m, ok := r.Mark(name); ok {
					return newBroken(name+": "+m.Note, m.At)
				}
			}
			return newKept(fmt.Sprintf("no diagnosis, no action, no alert in %s", (end.At - steady.At).Round(time.Second)))
		},
	}
}

// hasSpoken reports whether the engine printed any claim.
func hasSpoken(r *evidence.Record) bool { return len(r.Claims) > 0 }

// ActsAtMost: the engine takes no more than n actions, in all. Zero is the
// promise of an incident that only a person can mend.
func ActsAtMost(n int) Promise {
	return Promise{
		Name:     "acts-at-most",
		Hasty:    n == 0, // there is nothing that it may do
		Sentence: fmt.Sprintf("the engine takes at most %d actions", n),
		Judge:    func(r *evidence.Record) Finding { return judgeDeeds(r, n) },
	}
}

// ActsAtMostEach: the engine takes no more than n actions for each worker, in all.
func ActsAtMostEach(n int) Promise {
	return Promise{
		Name:     "acts-at-most",
		Sentence: fmt.Sprintf("the engine takes at most %d actions for each worker", n),
		Judge:    func(r *evidence.Record) Finding { return judgeDeeds(r, n*r.Header.Workers) },
	}
}

func judgeDeeds(r *evidence.Record, most int) Finding {
	deeds := Deeds(r)
	if len(deeds) > most {
		return newBroken(fmt.Sprintf("it took %d%s", len(deeds), describeUnsaid(deeds)), deeds[most].Begin)
	}
	if ends := Unexplained(r); len(ends) > 0 {
		x := ends[0].Exit
		return newInconclusive(fmt.Sprintf("it took %d, and %d workers that served have ended besides; the first, worker %d (pid %d)%s: %s",
			len(deeds), len(ends), x.ID, x.PID, ends[0].describeHow(), ends[0].Why))
	}
	return newKept(fmt.Sprintf("it took %d", len(deeds)))
}

// describeUnsaid says how many of the deeds were not claimed, "" if all were.
func describeUnsaid(deeds []Deed) string {
	n := 0
	for _, d := range deeds {
		if d.Unsaid {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d of them without a word", n)
}

// StopsChurning: from d after the injection on no worker's process ends: nobody
// starts again and again what cannot live. It must be watched for churnSpan
// longer to count.
func StopsChurning(d time.Duration) Promise {
	return Promise{
		Name:     "stops-churning",
		Sentence: fmt.Sprintf("no worker dies any more from %s after the injection", d),
		Later:    func(by time.Duration) Promise { return StopsChurning(d + by) },
		Judge: func(r *evidence.Record) Finding {
			inject, ok := r.Mark(evidence.MarkInject)
			end, ended := r.Mark(evidence.MarkEnd)
			if !ok || !ended || end.At < inject.At+d+churnSpan {
				return newInconclusive(fmt.Sprintf("the record does not reach %s past the deadline", churnSpan))
			}
			var late []time.Duration
			for _, e := range r.Events {
				if e.Event == "exit" && e.Name == r.Header.App && e.At >= inject.At+d && e.At < end.At {
					late = append(late, e.At)
				}
			}
			if len(late) > 0 {
				return newBroken(fmt.Sprintf("%d more deaths in %s", len(late), (end.At-inject.At-d).Round(time.Second)), late[0])
			}
			return newKept("none died after that")
		},
	}
}

// StartsAtMost: from the injection on PM2 starts no worker more than n times, the
// operator's own start included. A worker that dies of the same error each time
// needs a second chance to prove it, and no tenth.
func StartsAtMost(n int) Promise {
	return Promise{
		Name:     "starts-at-most",
		Sentence: fmt.Sprintf("no worker is started more than %d times", n),
		Judge: func(r *evidence.Record) Finding {
			inject, ok := r.Mark(evidence.MarkInject)
			if !ok {
				return newInconclusive("nothing was injected")
			}
			starts, most := map[int]int{}, 0
			for _, e := range r.Events {
				if e.Event != "online" || e.Name != r.Header.App || e.At < inject.At {
					continue
				}
				starts[e.ID]++
				most = max(most, starts[e.ID])
				if most > n {
					return newBroken(fmt.Sprintf("worker %d was started %d times within %s", e.ID, most, (e.At-inject.At).Round(time.Second)), e.At)
				}
			}
			return newKept(fmt.Sprintf("at most %d times", most))
		},
	}
}

// churnSpan is how long a cluster must be seen at peace.
const churnSpan = 5 * time.Second
