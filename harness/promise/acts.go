package promise

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Unsaid finds what somebody did to the app's workers and did not say: of an engine
// that is silent, all that it does. It reads the orders that PM2's log tells of and the
// signals that ended processes, by the kernel's word or PM2's. What the injection's and
// the lift's own commands do is not among it, nor what PM2 does by a policy of its own,
// nor an order while a deployment goes on in the background.
func Unsaid(r *evidence.Record) []Deed {
	from, ok := engineFrom(r)
	if !ok || r.Unaided() {
		return nil
	}
	end, ended := r.Mark(evidence.MarkEnd)
	q := newInquest(r)
	covered := covering{}
	var deeds []Deed
	for _, d := range q.acts() {
		switch {
		case d.Begin < from || (ended && d.Begin > end.At) || q.hands.during(d.Begin):
		case covered.by(q, d):
		case slices.ContainsFunc(deeds, func(o Deed) bool { return o.ID == d.ID && o.End >= d.Begin }):
		default:
			deeds = append(deeds, d)
		}
	}
	return deeds
}

// engineFrom is from when on an engine may have done something: when it was started, or
// else, in a record that does not say so, the steady state.
func engineFrom(r *evidence.Record) (time.Duration, bool) {
	m, ok := r.Mark(evidence.MarkEngine)
	if !ok {
		m, ok = r.Mark(evidence.MarkSteady)
	}
	return m.At, ok
}

// acts are all deeds that can be seen, in order of time, whoever did them.
func (q *inquest) acts() []Deed {
	var acts []Deed
	ids := workerIDs(q.r)
	for _, o := range q.log.orders {
		if q.deployed() || !slices.Contains(ids, o.id) || q.log.policyOf(q.r, o) != "" {
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
		if x.ID >= 0 && q.killedBy(x) != "" && !q.ordered(x.PID, x.ID, x.At) {
			acts = append(acts, Deed{Action: "kill", ID: x.ID, PID: x.PID, Begin: x.At, End: x.At, Unsaid: true})
		}
	}
	for _, d := range q.log.deaths {
		own := crash(d.signal) && q.lastWords(d.id, d.at)
		if d.signal != "" && !own && !seen[d.pid] && slices.Contains(ids, d.id) && !q.ordered(0, d.id, d.at) {
			acts = append(acts, Deed{Action: "kill", ID: d.id, PID: d.pid, Begin: d.at, End: d.at, Unsaid: true})
		}
	}
	slices.SortStableFunc(acts, func(a, b Deed) int { return int(a.Begin - b.Begin) })
	return acts
}

// workerIDs lists every id that the app's workers had.
func workerIDs(r *evidence.Record) []int {
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

// ordered reports whether PM2 had been told to end that process: the SIGKILL that
// follows is its own last resort.
func (q *inquest) ordered(pid, id int, t time.Duration) bool {
	_, ok := q.log.orderOf(pid)
	return ok || q.log.lately(id, t)
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
		if e := q.ending(x); e.By == ByUnknown {
			out = append(out, e)
		}
	}
	return out
}

// covering remembers which process of each worker a claim has covered: a claim is of
// one deed on each worker that it names.
type covering map[[2]int]int

// by reports whether a claim of the engine's tells of the act.
func (c covering) by(q *inquest, act Deed) bool {
	for i, claim := range q.claims {
		key := [2]int{i, act.ID}
		was, used := c[key]
		if !claim.covers(act) || (used && (was != act.PID || act.PID == 0)) {
			continue
		}
		if claim.everybody() && !q.lived(act.PID, claim.Begin) {
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
	if d.Begin > seen.Begin+near || d.until()+near < seen.Begin || slices.Contains([]string{"reset", "release", "configure"}, d.Action) {
		return false
	}
	if d.everybody() {
		return seen.Action == "stop"
	}
	return (d.ID >= 0 && d.ID == seen.ID) || (d.PID != 0 && d.PID == seen.PID)
}

// spans are stretches of time.
type spans [][2]time.Duration

// during reports whether t is within one of them.
func (s spans) during(t time.Duration) bool {
	return slices.ContainsFunc(s, func(x [2]time.Duration) bool { return t >= x[0] && t <= x[1] })
}

// operators are the stretches in which the harness has its own hand on the app. A
// record of an older version says when the fault bit, and not when the hand was off.
func operators(r *evidence.Record) spans {
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
