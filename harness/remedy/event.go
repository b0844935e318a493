package remedy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
)

// typeEvent is the type of a line that the audit alone has: it is about the engine itself, and
// no line of the contract.
const typeEvent = "event"

// Events.
const (
	eventConfigured = "configured" // another configuration is in force
	eventPaused     = "paused"     // the kill switch is on
	eventResumed    = "resumed"    // the kill switch is off again
	eventApproved   = "approved"   // somebody has permitted an action
	eventEnded      = "ended"      // the engine ends
)

// announce prints a line that is about no app and writes it into the audit, without the secrets
// of any app.
func (c *crew) announce(l engine.Line) {
	l.At = host.Now()
	for _, p := range c.list() {
		l.Why, l.Error = p.veil.Clean(l.Why), p.veil.Clean(l.Error)
	}
	if c.cfg.Board != nil {
		c.cfg.Board.NoteLine("", l)
	}
	c.out.Lock()
	defer c.out.Unlock()
	c.notes.printLine(c.cfg.Stdout, audited{Line: l})
}

// newEvent returns the audit's line of an event that is about no app.
func newEvent(event, why string) audited {
	return audited{detail: detail{Event: event}, Line: engine.Line{Type: typeEvent, At: host.Now(), Why: why}}
}

// note writes an event into the audit.
func (c *crew) note(event, why string) {
	for _, p := range c.list() {
		why = p.veil.Clean(why)
	}
	c.out.Lock()
	defer c.out.Unlock()
	c.notes.printLine(c.cfg.Stdout, newEvent(event, why))
}

// notePaused takes in whether the kill switch is on. A change is told once, whichever app's
// engine sees it first.
func (r *runner) notePaused(on bool) {
	if r.cfg.Board != nil {
		r.cfg.Board.NotePaused(on)
	}
	if !r.notes.turnSwitch(on) {
		return
	}
	event, why := eventResumed, "the kill switch is off: the engine acts again"
	if on {
		event, why = eventPaused, "the kill switch is on: the engine observes, tells people and acts on nothing"
	}
	r.out.Lock()
	defer r.out.Unlock()
	if r.cfg.Stderr != nil {
		fmt.Fprintf(r.cfg.Stderr, "pm2drill engine: %s\n", why)
	}
	r.notes.printLine(r.cfg.Stdout, newEvent(event, why))
}

// turnSwitch takes in whether the kill switch is on, and reports whether that is news.
func (n *notes) turnSwitch(on bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	was := n.paused
	n.paused = on
	return was != on
}

// noteApproved takes in the keys that people have approved, and writes each that this app's
// engine has asked for into the audit, once.
func (r *runner) noteApproved(keys []string) {
	told := slices.DeleteFunc(r.approved, func(k string) bool { return !slices.Contains(keys, k) })
	for _, key := range keys {
		a, ok := r.notes.findAsked(key, r.app.Name)
		if !ok || slices.Contains(told, key) {
			continue
		}
		told = append(told, key)
		about := ""
		if a.Worker != nil {
			about = fmt.Sprintf(" of worker %d", *a.Worker)
		}
		r.sayWith(engine.Line{Type: typeEvent, Cause: a.Cause, Action: a.Action, ID: a.Worker, Why: fmt.Sprintf("somebody has approved %s%s", a.Action, about)},
			detail{Event: eventApproved, Approve: key})
	}
	r.approved = told
}

// findAsked returns what was asked about an app under a key.
func (n *notes) findAsked(key, app string) (Asked, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.asked, func(a Asked) bool { return a.Key == key && a.App == app })
	if i < 0 {
		return Asked{}, false
	}
	return n.asked[i], true
}

// listMissing lists the names of the apps that are not among others.
func listMissing(apps, others []App) (names []string) {
	for _, a := range apps {
		if !slices.ContainsFunc(others, func(b App) bool { return a.Name == b.Name && a.Namespace == b.Namespace }) {
			names = append(names, a.Name)
		}
	}
	return names
}

// describeChange says which apps are looked after from now on, and which are no more; "" if
// they stay the same.
func describeChange(before, after []App) string {
	text := ""
	if up := listMissing(after, before); len(up) > 0 {
		text += "; taken up: " + strings.Join(up, ", ")
	}
	if down := listMissing(before, after); len(down) > 0 {
		text += "; dropped: " + strings.Join(down, ", ")
	}
	return text
}
