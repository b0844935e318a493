package promise

import (
	"fmt"
	"slices"
	"strings"
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
			from, _ := engineFrom(r)
			steady, _ := r.Mark(evidence.MarkSteady)
			end, _ := r.Mark(evidence.MarkEnd)
			for _, c := range r.Claims {
				if c.Type == "detected" || c.Type == "symptom" || c.Type == "action" || c.Type == "incident" {
					return broken(fmt.Sprintf("it said %s %s%s", c.Type, c.Cause, c.Action), c.At)
				}
			}
			q := newInquest(r)
			for _, x := range q.exits {
				if x.At <= from || x.At >= end.At {
					continue
				}
				if e := q.ending(x); e.By != ByPM2 {
					return broken(fmt.Sprintf("worker %d (pid %d) went%s", x.ID, x.PID, e.told()), x.At)
				}
			}
			if len(r.Alerts) > 0 {
				return broken("it alerted", r.Alerts[0].At)
			}
			for _, name := range []string{evidence.MarkEngineEnded, evidence.MarkEngineMuted} {
				if m, ok := r.Mark(name); ok {
					return broken(name+": "+m.Note, m.At)
				}
			}
			return kept(fmt.Sprintf("no diagnosis, no action, no alert in %s", (end.At - steady.At).Round(time.Second)))
		},
	}
}

// spoke reports whether the engine printed anything at all.
func spoke(r *evidence.Record) bool { return len(r.Claims) > 0 }

// ActsAtMost: the engine takes no more than n actions, in all. Zero is the
// promise of an incident that only a person can mend.
func ActsAtMost(n int) Promise {
	return Promise{
		Name:     "acts-at-most",
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
		return broken(fmt.Sprintf("it took %d%s", len(deeds), hidden(deeds)), deeds[most].Begin)
	}
	if ends := Unexplained(r); len(ends) > 0 {
		x := ends[0].Exit
		return inconclusive(fmt.Sprintf("it took %d, and %d workers that served have ended besides; the first, worker %d (pid %d)%s: %s",
			len(deeds), len(ends), x.ID, x.PID, ends[0].told(), ends[0].Why))
	}
	return kept(fmt.Sprintf("it took %d", len(deeds)))
}

// hidden says how many of the deeds were not claimed, "" if all were.
func hidden(deeds []Deed) string {
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

// KeepsBounds: the engine's hand stays on this app's workers: the daemon lives
// on as the same process, so do the other apps that it runs, at the end the same
// worker ids exist as before, and nobody but the fault stops a process of PM2's without
// ending it, or changes its priority.
func KeepsBounds() Promise {
	return Promise{
		Name:     "keeps-bounds",
		Hard:     true,
		Sentence: "PM2's daemon and its list of workers stay what they were",
		Judge: func(r *evidence.Record) Finding {
			steady, _ := r.Mark(evidence.MarkSteady)
			before, ok := r.SnapshotAt(steady.At)
			if !ok || len(r.Snapshots) == 0 {
				return inconclusive("the observer saw no cluster before the fault")
			}
			for _, s := range r.Snapshots {
				if s.At > steady.At && s.Daemon != before.Daemon {
					return broken(fmt.Sprintf("PM2's daemon went from pid %d to %d", before.Daemon, s.Daemon), s.At)
				}
				if was, is := neighbours(r, before), neighbours(r, s); s.At > steady.At && was != is {
					return broken(fmt.Sprintf("another app's processes went from %s to %s", was, is), s.At)
				}
			}
			if what, at := handled(r); what != "" {
				return broken(what, at)
			}
			last := r.Snapshots[len(r.Snapshots)-1]
			was, is := ids(before), ids(last)
			if !slices.Equal(was, is) {
				return broken(fmt.Sprintf("the worker ids went from %v to %v", was, is), last.At)
			}
			return kept(fmt.Sprintf("daemon %d and workers %v throughout", before.Daemon, was))
		},
	}
}

// handled says which process of PM2's somebody stopped or gave another priority, "" if none,
// and when that was seen. Whom the fault hits is known once it has bitten; where it has not,
// nobody is ruled against.
func handled(r *evidence.Record) (what string, at time.Duration) {
	from, _ := engineFrom(r)
	inject, injected := r.Mark(evidence.MarkInject)
	bitten, bit := r.Mark(evidence.MarkBitten)
	targets, nice := newInquest(r).targets, map[int]int{}
	for _, s := range r.Snapshots {
		for _, w := range slices.Concat(s.Workers, s.Others) {
			was, known := nice[w.PID]
			nice[w.PID] = w.Nice
			stopped := strings.EqualFold(w.State, "T")
			if stopped && injected && s.At > inject.At && s.At <= bitten.At {
				targets[w.PID] = true
			}
			switch {
			case !w.Alive || s.At <= from || targets[w.PID] || injected && !bit && s.At > inject.At:
			case known && was != w.Nice:
				return fmt.Sprintf("somebody changed the priority of pid %d (%s) from %d to %d", w.PID, w.Name, was, w.Nice), s.At
			case stopped:
				return fmt.Sprintf("somebody had stopped pid %d (%s, state %s), which the fault had not", w.PID, w.Name, w.State), s.At
			}
		}
	}
	return "", 0
}

// neighbours names the processes of the other apps that PM2 runs; of one that is deployed
// meanwhile its workers alone.
func neighbours(r *evidence.Record, s evidence.Snapshot) string {
	var out []string
	for _, w := range s.Others {
		if slices.Contains(r.Header.Restless, w.Name) {
			out = append(out, fmt.Sprintf("%s worker %d", w.Name, w.ID))
			continue
		}
		out = append(out, fmt.Sprintf("%s pid %d", w.Name, w.PID))
	}
	return strings.Join(out, ", ")
}

func ids(s evidence.Snapshot) []int {
	var out []int
	for _, w := range s.Workers {
		out = append(out, w.ID)
	}
	slices.Sort(out)
	return out
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
				return inconclusive(fmt.Sprintf("the record does not reach %s past the deadline", churnSpan))
			}
			var late []time.Duration
			for _, e := range r.Events {
				if e.Event == "exit" && e.Name == r.Header.App && e.At >= inject.At+d && e.At < end.At {
					late = append(late, e.At)
				}
			}
			if len(late) > 0 {
				return broken(fmt.Sprintf("%d more deaths in %s", len(late), (end.At-inject.At-d).Round(time.Second)), late[0])
			}
			return kept("none died after that")
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
				return inconclusive("nothing was injected")
			}
			starts, most := map[int]int{}, 0
			for _, e := range r.Events {
				if e.Event != "online" || e.Name != r.Header.App || e.At < inject.At {
					continue
				}
				starts[e.ID]++
				most = max(most, starts[e.ID])
				if most > n {
					return broken(fmt.Sprintf("worker %d was started %d times within %s", e.ID, most, (e.At-inject.At).Round(time.Second)), e.At)
				}
			}
			return kept(fmt.Sprintf("at most %d times", most))
		},
	}
}

// churnSpan is how long a cluster must be seen at peace.
const churnSpan = 5 * time.Second
