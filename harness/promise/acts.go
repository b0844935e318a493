package promise

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Unsaid finds what somebody did to the app's workers and did not say: of an engine
// that is silent, all that it does. PM2 writes "Stopping app:NAME id:ID" when it is
// told to stop, restart, reload, scale or delete (lib/God/ActionMethods.js,
// stopProcessId), and never when it starts a worker that has died; and
// "exited with code [..] via signal [SIGKILL]" of a worker that somebody killed.
// What the injection's and the lift's own commands do is not among it, nor what a
// deployment does that goes on in the background.
func Unsaid(r *evidence.Record) []Deed {
	steady, ok := r.Mark(evidence.MarkSteady)
	if m, injected := r.Mark(evidence.MarkInject); !ok || r.Unaided() || (injected && m.Kind == evidence.KindDeployment) {
		return nil
	}
	said, hands, ids := claimed(r), operators(r), workerIDs(r)
	var deeds []Deed
	for _, e := range r.Events {
		d, ok := act(r, e, ids)
		switch {
		case !ok, e.At < steady.At, hands.during(e.At):
		case slices.ContainsFunc(said, func(c Deed) bool { return c.covers(d) }):
		case slices.ContainsFunc(deeds, func(o Deed) bool { return o.ID == d.ID && o.End >= d.Begin }):
		default:
			deeds = append(deeds, d)
		}
	}
	return deeds
}

// act reads an event of PM2's log as somebody's act on one of these workers.
func act(r *evidence.Record, e evidence.Event, ids []int) (Deed, bool) {
	d := Deed{ID: -1, Begin: e.At, End: e.At, Unsaid: true}
	if !strings.Contains(e.Text, "Stopping app:") && !strings.Contains(e.Text, "via signal [SIGKILL]") {
		return d, false // most of what is said: no need to look closer
	}
	for _, w := range ids {
		switch {
		case strings.Contains(e.Text, fmt.Sprintf("Stopping app:%s id:%d", r.Header.App, w)) && !digitFollows(e.Text, w):
			d.Action, d.ID = "stop", w
		case strings.Contains(e.Text, fmt.Sprintf("App [%s:%d] exited with code [", r.Header.App, w)) && strings.Contains(e.Text, "via signal [SIGKILL]"):
			if ordered(r, w, e.At) {
				return d, false // PM2's own last resort
			}
			d.Action, d.ID = "kill", w
		}
	}
	if d.ID < 0 {
		return d, false
	}
	for _, x := range r.Exits {
		if x.ID == d.ID && x.At >= e.At-claimSlack && x.At <= e.At+lastResort {
			d.PID, d.End = x.PID, max(x.At, e.At)
			break
		}
	}
	return d, true
}

// digitFollows reports whether the id in the text is only the beginning of another.
func digitFollows(text string, id int) bool {
	_, after, _ := strings.Cut(text, fmt.Sprintf(" id:%d", id))
	return after != "" && after[0] >= '0' && after[0] <= '9'
}

// lastResort is how long after its order PM2 may kill a worker: the longest
// kill_timeout of the fixtures, and some.
const lastResort = 20 * time.Second

// ordered reports whether PM2 had been told to stop the worker by then.
func ordered(r *evidence.Record, id int, t time.Duration) bool {
	return slices.ContainsFunc(r.Events, func(e evidence.Event) bool {
		return e.At <= t && e.At >= t-lastResort && strings.Contains(e.Text, fmt.Sprintf("Stopping app:%s id:%d", r.Header.App, id))
	})
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

// covers reports whether a claimed deed tells of what was seen.
func (d Deed) covers(seen Deed) bool {
	if d.Begin > seen.Begin+near || (d.End != 0 && d.End+near < seen.Begin) {
		return false
	}
	return d.ID < 0 || d.ID == seen.ID || (d.PID != 0 && d.PID == seen.PID)
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
