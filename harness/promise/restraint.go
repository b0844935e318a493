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
			steady, _ := r.Mark(evidence.MarkSteady)
			end, _ := r.Mark(evidence.MarkEnd)
			for _, c := range r.Claims {
				if c.Type == "detected" || c.Type == "symptom" || c.Type == "action" || c.Type == "incident" {
					return broken(fmt.Sprintf("it said %s %s%s", c.Type, c.Cause, c.Action), c.At)
				}
			}
			q := newInquest(r)
			for _, x := range q.exits {
				if x.At <= steady.At || x.At >= end.At {
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
		Judge: func(r *evidence.Record) Finding {
			deeds := Deeds(r)
			if len(deeds) > n {
				return broken(fmt.Sprintf("it took %d%s", len(deeds), hidden(deeds)), deeds[n].Begin)
			}
			if ends := Unexplained(r); len(ends) > 0 {
				x := ends[0].Exit
				return inconclusive(fmt.Sprintf("it took %d, and %d workers that served have ended besides; the first, worker %d (pid %d)%s: %s",
					len(deeds), len(ends), x.ID, x.PID, ends[0].told(), ends[0].Why))
			}
			return kept(fmt.Sprintf("it took %d", len(deeds)))
		},
	}
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
// on as the same process, so do the other apps that it runs, and at the end the
// same worker ids exist as before.
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
				if was, is := neighbours(before), neighbours(s); s.At > steady.At && was != is {
					return broken(fmt.Sprintf("another app's processes went from %s to %s", was, is), s.At)
				}
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

// neighbours names the processes of the other apps that PM2 runs.
func neighbours(s evidence.Snapshot) string {
	var out []string
	for _, w := range s.Others {
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

// KeepsServing: from the injection on there are never fewer than n workers that
// serve: each counts from its first answer on a lane of new connections to its
// last.
func KeepsServing(n int) Promise {
	return Promise{
		Name:     "keeps-serving",
		Sentence: fmt.Sprintf("never fewer than %d workers serve", n),
		Judge: func(r *evidence.Record) Finding {
			least, at := LeastServing(r)
			if least < n {
				return broken(fmt.Sprintf("only %d served", least), at)
			}
			return kept(fmt.Sprintf("at least %d served at any instant", least))
		},
	}
}

// StopsChurning: from d after the injection on no worker's process ends: nobody
// starts again and again what cannot live. It must be watched for churnSpan
// longer to count.
func StopsChurning(d time.Duration) Promise {
	return Promise{
		Name:     "stops-churning",
		Sentence: fmt.Sprintf("no worker dies any more from %s after the injection", d),
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

// LeastServing is the smallest number of workers that served at any instant
// from the injection (or the steady state) to the end of the load, and the
// first such instant.
func LeastServing(r *evidence.Record) (int, time.Duration) {
	from, ok := r.Mark(evidence.MarkInject)
	if !ok {
		from, _ = r.Mark(evidence.MarkSteady)
	}
	_, last := span(r, evidence.LaneShort)
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
