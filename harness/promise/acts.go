package promise

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Unsaid finds what somebody did to the app's workers and did not say: of an engine
// that is silent, all that it does. It reads the orders that PM2's log tells of and the
// signals that ended processes, by the kernel's word or PM2's; and the looks at what PM2 has on
// each worker. What an operator's commands do as a part of the fault is not among it, nor what PM2 does by a policy of its own,
// nor an order while a deployment goes on in the background.
func Unsaid(r *evidence.Record) []Deed {
	from, ok := findEngineStart(r)
	if !ok || r.Unaided() {
		return nil
	}
	end, ended := r.Mark(evidence.MarkEnd)
	q := newInquest(r)
	covered := covering{}
	var deeds []Deed
	for _, d := range q.listActs() {
		switch {
		case d.Begin < from || (ended && d.Begin > end.At) || q.typed.contains(d.Begin) || q.isInjection(d):
		case covered.isClaimed(q, d):
		case slices.ContainsFunc(deeds, func(o Deed) bool { return o.ID == d.ID && o.End >= d.Begin && o.ends() == d.ends() }):
		default:
			deeds = append(deeds, d)
		}
	}
	return deeds
}

// endsWithin is how long the kernel may take to end a process that was killed.
const endsWithin = 100 * time.Millisecond

// isInjection reports whether a deed is the fault's own: the end, while it was injected, of a
// process that it aimed at. What becomes of such a process later is somebody's deed.
func (q *inquest) isInjection(d Deed) bool {
	injected, ok := q.r.Mark(evidence.MarkInjected)
	return ok && d.ends() && q.targets[d.PID] && d.Begin >= q.inject && d.Begin <= injected.At+endsWithin
}

// findEngineStart returns the time from which an engine may have acted: the time of its
// start or, in a record without that mark, the time of the steady state; false if the
// record has neither mark.
func findEngineStart(r *evidence.Record) (time.Duration, bool) {
	m, ok := r.Mark(evidence.MarkEngine)
	if !ok {
		m, ok = r.Mark(evidence.MarkSteady)
	}
	return m.At, ok
}

// listActs returns all deeds that can be seen, whoever did them, in order of time.
func (q *inquest) listActs() []Deed {
	var acts []Deed
	ids := listWorkerIDs(q.r)
	for _, o := range q.log.orders {
		if q.isDeploying() || !slices.Contains(ids, o.id) || q.log.findPolicy(q.r, o) != "" {
			continue
		}
		d := Deed{Action: "stop", ID: o.id, PID: o.pid, Begin: o.at, End: o.at, Unsaid: true}
		if x, ok := q.r.ExitOf(o.pid); ok {
			d.End = max(x.At, o.at)
		}
		acts = append(acts, d)
	}
	seen := map[int]bool{} // processes of which PM2's log has been read
	for _, x := range q.exits {
		seen[x.PID] = x.ID >= 0
		if x.ID >= 0 && (q.findForeignSignal(x) != "" || q.wasDebugged(x)) && !q.isOrdered(x.PID, x.ID, x.At) {
			acts = append(acts, Deed{Action: "kill", ID: x.ID, PID: x.PID, Begin: x.At, End: x.At, Unsaid: true})
		}
	}
	for _, d := range q.log.deaths {
		own := isCrashSignal(d.signal) && q.hasFatalError(d.id, d.at)
		if d.signal != "" && !own && !seen[d.pid] && slices.Contains(ids, d.id) && !q.isOrdered(0, d.id, d.at) {
			acts = append(acts, Deed{Action: "kill", ID: d.id, PID: d.pid, Begin: d.at, End: d.at, Unsaid: true})
		}
	}
	acts = append(acts, q.rewritten()...)
	slices.SortStableFunc(acts, func(a, b Deed) int { return int(a.Begin - b.Begin) })
	return acts
}

// listWorkerIDs returns every id that the app's workers had.
func listWorkerIDs(r *evidence.Record) []int {
	var all []int
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if !slices.Contains(all, w.ID) {
				all = append(all, w.ID)
			}
		}
	}
	return all
}

// isOrdered reports whether PM2 had been told to end that process: the SIGKILL that
// follows is PM2's own last resort.
func (q *inquest) isOrdered(pid, id int, t time.Duration) bool {
	_, ok := q.log.findOrder(pid)
	return ok || q.log.hasLateOrder(id, t)
}

// Unexplained are the ends of workers that served, from the steady state on, of which
// nothing on record tells who was behind them.
func Unexplained(r *evidence.Record) []Ending {
	steady, ok := r.Mark(evidence.MarkSteady)
	if !ok || r.Unaided() {
		return nil
	}
	end, ended := r.Mark(evidence.MarkEnd)
	q := newInquest(r)
	var out []Ending
	for _, x := range q.exits {
		if _, served := q.served[x.PID]; !served || x.ID < 0 || x.At < steady.At || (ended && x.At >= end.At) {
			continue
		}
		if e := q.judgeEnding(x); e.By == ByUnknown {
			out = append(out, e)
		}
	}
	return out
}

// covering remembers which process of each worker a claim has covered: a claim is of
// one deed on each worker that it names.
type covering map[[2]int]int

// isClaimed reports whether a claim of the engine tells of the act.
func (c covering) isClaimed(q *inquest, act Deed) bool {
	for i, claim := range q.claims {
		key := [2]int{i, act.ID}
		was, used := c[key]
		if !claim.covers(act) || (used && act.ends() && (was != act.PID || act.PID == 0)) {
			continue
		}
		if act.ends() && claim.isForAll() && !q.isLiving(act.PID, claim.Begin) {
			continue
		}
		c[key] = act.PID
		return true
	}
	return false
}

// covers reports whether a claimed deed tells of what was seen: it was under way then,
// it is of a kind that ends processes, and it names the worker. One that names no
// worker is about the app as a whole, and tells of what PM2 was told to do: to whom a
// signal is sent, a claim must say.
func (d Deed) covers(seen Deed) bool {
	if !seen.ends() { // a look tells of it, which may come late
		return d.Action == seen.Action && d.Begin <= seen.Begin+near && d.computeEnd()+settle >= seen.Begin && (d.isForAll() || d.names(seen))
	}
	if d.Begin > seen.Begin+near || d.computeEnd()+near < seen.Begin || !d.ends() {
		return false
	}
	if d.isForAll() {
		return seen.Action == "stop"
	}
	return d.names(seen)
}

// ends reports whether the deed is of a kind that ends processes.
func (d Deed) ends() bool {
	return !slices.Contains([]string{"reset", "release", "configure"}, d.Action)
}

// names reports whether a claimed deed names the worker of what was seen.
func (d Deed) names(seen Deed) bool {
	return (d.ID >= 0 && d.ID == seen.ID) || (d.PID != 0 && d.PID == seen.PID)
}

// spans are stretches of time.
type spans [][2]time.Duration

// contains reports whether t is within one of the spans.
func (s spans) contains(t time.Duration) bool {
	return slices.ContainsFunc(s, func(x [2]time.Duration) bool { return t >= x[0] && t <= x[1] })
}

// listOperatorSpans returns the spans of time in which the harness itself acts on the
// app. A record of an older version has the mark of the moment when the fault took effect
// instead of the mark of the end of the injection.
func listOperatorSpans(r *evidence.Record) spans {
	var out spans
	for _, pair := range [][]string{
		{evidence.MarkInject, evidence.MarkInjected, evidence.MarkBitten},
		{evidence.MarkLift, evidence.MarkLifted},
	} {
		from, ok := r.Mark(pair[0])
		for _, name := range pair[1:] {
			if to, ended := r.Mark(name); ok && ended {
				out = append(out, [2]time.Duration{from.At, to.At + claimSlack})
				break
			}
		}
	}
	return out
}

// typed are the stretches in which an operator's commands run as a part of the fault, with some
// time for PM2's word on what they do. A record of an older version does not tell of each command:
// then it is all the time that the harness has its hand on the app.
func typed(r *evidence.Record) spans {
	if !slices.Contains(r.Header.Watches, evidence.WatchTerms) {
		return listOperatorSpans(r)
	}
	var out spans
	open := map[string]int{} // of each command that has not returned
	for _, m := range r.Marks {
		switch m.Name {
		case evidence.MarkTyped:
			open[m.Note] = len(out)
			out = append(out, [2]time.Duration{m.At, never})
		case evidence.MarkReturned:
			if i, ok := open[m.Note]; ok {
				out[i][1] = m.At + near
				delete(open, m.Note)
			}
		}
	}
	return out
}
