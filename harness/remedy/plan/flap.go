package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// everybody stands for the app in the place of a worker id.
const everybody = -1

// latch is what flaps: a cause of one worker, or of the app.
type latch struct {
	cause engine.Cause
	id    int // worker id, or everybody
}

// flap is what the engine knows of it. A cure that must be repeated is none: the
// engine stops acting on it, and only an operator's command, or another run of the
// engine, makes it act again.
type flap struct {
	cures int
	told  bool // people know that it flaps
}

func cloneFlaps(all map[latch]*flap) map[latch]*flap {
	out := maps.Clone(all)
	for l, f := range out {
		one := *f
		out[l] = &one
	}
	return out
}

// latchFlaps closes on what was cured too often: of a worker Limits.Flap times within
// Limits.Span, of the app twice as often.
func (d *decider) latchFlaps(in *Incident) {
	cause := in.Diagnosis.Cause
	for _, id := range append(slices.Clone(in.IDs), everybody) {
		n, most := 0, d.limits.Flap
		if id == everybody {
			most *= 2
		}
		for _, c := range d.s.Cured {
			if c.Cause == cause && (id == everybody || slices.Contains(c.IDs, id)) {
				n++
			}
		}
		if l := (latch{cause, id}); n >= most && d.s.Latched[l] == nil {
			d.s.Latched[l] = &flap{cures: n}
		}
	}
}

// findLatch returns the latch that an incident runs into, or nil.
func (d *decider) findLatch(in *Incident) *flap {
	for _, id := range append(slices.Clone(in.IDs), everybody) {
		if f := d.s.Latched[latch{in.Diagnosis.Cause, id}]; f != nil {
			return f
		}
	}
	return nil
}

// unlatch lets the engine act again: somebody has used PM2's command on a worker,
// or has asked the engine for something (everybody).
func (s *State) unlatch(id int) {
	maps.DeleteFunc(s.Latched, func(l latch, _ *flap) bool { return id == everybody || l.id == id || l.id == everybody })
	s.Cured = slices.DeleteFunc(s.Cured, func(c Cure) bool { return id == everybody || slices.Contains(c.IDs, id) })
}

// guardFlapping refuses to cure what flaps: what was cured again and again is for people.
func (d *decider) guardFlapping(in *Incident, x Decision) string {
	f := d.findLatch(in)
	if f == nil || observe.TouchesNone(x.Action) || d.s.isTrial(observe.ActionEvent{Action: x.Action, ID: x.ID}, d.o) {
		return ""
	}
	return fmt.Sprintf("it flaps: it was cured of the same %d times within %s, and is left to people", f.cures, diagnose.SpellSpan(d.limits.Span))
}

// muteFlap reports whether people need not be told of an incident. Of what flaps they
// are told once, as such.
func (d *decider) muteFlap(in *Incident) bool {
	f := d.findLatch(in)
	switch {
	case f == nil:
		return false
	case f.told:
		d.s.Suppressed[in.Diagnosis.Cause]++
		in.Muted = true
		return true
	}
	f.told = true
	in.Diagnosis.Evidence = append(slices.Clone(in.Diagnosis.Evidence), engine.Fact{Source: "audit",
		Text: fmt.Sprintf("flapping: cured of the same %d times within %s; nothing more is done, and nothing more is said of it, until somebody uses PM2's command on it", f.cures, diagnose.SpellSpan(d.limits.Span))})
	return false
}

// findCooldown says when a worker was last cured of a cause, and how long it must then
// stay well before the same cure: twice as long after each cure that was needed
// soon after the one before. Well for twice that time, and it counts anew. wait
// is 0 if there was no cure.
func (d *decider) findCooldown(cause engine.Cause, id int) (last, wait time.Duration) {
	for _, c := range d.s.Cured {
		if c.Cause != cause || !slices.Contains(c.IDs, id) {
			continue
		}
		if wait == 0 || c.At-last > 3*wait { // a wait, and twice as long well after it
			wait = d.limits.Cooldown
		} else {
			wait *= 2
		}
		last = c.At
	}
	return last, wait
}
