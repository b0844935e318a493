package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Who a lost request is laid to.
const (
	ByFault   = "fault"   // the fault: no engine could have saved it
	ByEngine  = "engine"  // the engine's own action
	ByPM2     = "pm2"     // PM2 doing what an operator asked for, with no engine at work
	ByApp     = "app"     // a worker that failed before anything was injected
	ByUnknown = "unknown" // nothing in the record explains it
)

// Server's accounts of a lost request.
const (
	NeverReceived = "never received"
	Begun         = "begun"
	Finished      = "finished"
	Aborted       = "aborted"
)

// Loss is one lost request and what the record says of it.
type Loss struct {
	Request evidence.Request `json:"request"`
	Server  string           `json:"server"`        // the app's journal: NeverReceived, Begun, Finished or Aborted
	PID     int              `json:"pid,omitempty"` // the worker that lost it, 0 if none is known
	Worker  int              `json:"worker"`        // its pm_id, -1 if unknown
	Cause   string           `json:"cause"`         // ByFault, ByEngine, ByPM2, ByApp or ByUnknown
	Why     string           `json:"why"`
}

// near is how far apart a lost request and the worker's exit may lie and still
// be laid to it: a hand-over that was in the pipe when the worker went.
const near = 1500 * time.Millisecond

// Losses attributes every dropped request of the record to what lost it.
func Losses(r *evidence.Record) []Loss {
	dropped := r.Dropped()
	if len(dropped) == 0 {
		return nil
	}
	a := newAttributor(r)
	losses := make([]Loss, len(dropped))
	for i, q := range dropped {
		losses[i] = a.loss(q)
	}
	return losses
}

// attributor indexes a record for attribution.
type attributor struct {
	r       *evidence.Record
	inject  time.Duration              // 0 when nothing was injected
	targets map[int]bool               // pids the fault aimed at
	journal map[string]evidence.Served // last word of the app on an id
	conn    map[connKey]int            // pid that last answered on a connection
	served  map[int]time.Duration      // first answer of each pid
	exits   []evidence.Exit            // in order of At
	deeds   []Deed                     // the engine's
}

type connKey struct {
	lane string
	conn int
}

func newAttributor(r *evidence.Record) attributor {
	a := attributor{
		r: r, targets: map[int]bool{}, journal: map[string]evidence.Served{},
		conn: map[connKey]int{}, served: map[int]time.Duration{}, deeds: Deeds(r),
	}
	if m, ok := r.Mark(evidence.MarkInject); ok {
		a.inject = m.At
	}
	for _, m := range r.Marks {
		for _, pid := range m.PIDs {
			a.targets[pid] = true
		}
	}
	for _, s := range r.Served {
		if last, ok := a.journal[s.ID]; !ok || s.At >= last.At {
			a.journal[s.ID] = s
		}
	}
	for _, q := range r.Requests {
		if q.Class == evidence.Answered && q.PID > 0 {
			a.conn[connKey{q.Lane, q.Conn}] = q.PID
			if t, ok := a.served[q.PID]; !ok || q.Done < t {
				a.served[q.PID] = q.Done
			}
		}
	}
	a.exits = slices.Clone(r.Exits)
	slices.SortFunc(a.exits, func(x, y evidence.Exit) int { return int(x.At - y.At) })
	return a
}

func (a attributor) loss(q evidence.Request) Loss {
	l := Loss{Request: q, Server: NeverReceived, Worker: -1, Cause: ByUnknown}
	if s, ok := a.journal[q.ID]; ok {
		l.Server, l.PID = s.Phase, s.PID
	} else if q.Reused {
		l.PID = a.conn[connKey{q.Lane, q.Conn}]
	}
	switch {
	case a.inject == 0 || q.Done < a.inject:
		l.Cause, l.Why = ByApp, "nothing had been injected yet"
	case a.targets[l.PID]:
		l.Cause, l.Why = ByFault, fmt.Sprintf("it was with pid %d, which the fault hit", l.PID)
	default:
		a.byExit(&l)
	}
	l.Worker = a.id(l.PID)
	return l
}

// byExit lays the loss to the worker exit that explains it best: its own
// worker's, or else the nearest one of a worker that had been serving.
func (a attributor) byExit(l *Loss) {
	exit, ok := a.exitFor(*l)
	if !ok {
		l.Why = "nothing on record explains it"
		a.noExit(l)
		return
	}
	l.PID = exit.PID
	l.Cause, l.Why = a.blame(exit)
	gap := l.Request.Done - exit.At
	switch l.Request.Class {
	case evidence.Refused:
		l.Why = fmt.Sprintf("nothing listened since pid %d went %s before: %s", exit.PID, gap.Round(time.Millisecond), l.Why)
	default:
		l.Why = fmt.Sprintf("pid %d went %s after it was sent: %s", exit.PID, (exit.At - l.Request.Sent).Round(time.Millisecond), l.Why)
	}
}

// exitFor finds the exit that explains a loss.
func (a attributor) exitFor(l Loss) (evidence.Exit, bool) {
	q := l.Request
	best, found := evidence.Exit{}, false
	for _, e := range a.exits {
		_, served := a.served[e.PID]
		switch {
		case l.PID > 0 && e.PID == l.PID:
			return e, true
		case l.PID > 0 || !served:
			continue
		case q.Class == evidence.Refused && e.At <= q.Done:
			best, found = e, true // the last worker to go took the listener with it
		case q.Class != evidence.Refused && e.At >= q.Due-near && e.At <= q.Done+near:
			if !found || gap(e.At, q.Sent) < gap(best.At, q.Sent) {
				best, found = e, true
			}
		}
	}
	return best, found
}

// noExit explains a loss with no exit in sight: a target of the fault that
// lives on and answers nothing, or somebody else who answers on the port.
func (a attributor) noExit(l *Loss) {
	q := l.Request
	switch {
	case a.r.Asked():
		l.Cause, l.Why = ByUnknown, "no worker's exit explains it"
	case q.Class == evidence.WrongStatus && q.PID == 0:
		l.Cause, l.Why = ByFault, fmt.Sprintf("it was answered with status %d by a process that is no worker of the app", q.Status)
	case q.Class == evidence.TimedOut && a.targetAlive(q.Due):
		l.Cause, l.Why = ByFault, "it was handed to a worker that the fault had silenced"
	case q.Class == evidence.TimedOut && l.Server != NeverReceived && a.short(q.Due):
		l.Cause, l.Why = ByFault, "a worker had it and was too slow, while the fault kept the others away"
	case len(a.r.Serving(q.Due-Window, q.Done)) == 0:
		l.Cause, l.Why = ByFault, "no worker of the app served then, so none had it"
	case !a.r.Unaided() && !a.acted(q.Done):
		l.Cause, l.Why = ByFault, "it was lost after the injection and before the engine did anything"
	}
}

// short reports whether the cluster was short of workers at t: the fault had
// struck and not all of them were back yet.
func (a attributor) short(t time.Duration) bool {
	m, ok := a.r.Mark(evidence.MarkRecovered)
	return !ok || t < m.At
}

// acted reports whether the engine had begun to act by t.
func (a attributor) acted(t time.Duration) bool {
	return len(a.deeds) > 0 && a.deeds[0].Begin <= t+claimSlack
}

// targetAlive reports whether a process that the fault hit was still there.
func (a attributor) targetAlive(t time.Duration) bool {
	for pid := range a.targets {
		if e, gone := a.r.ExitOf(pid); !gone || e.At > t {
			return true
		}
	}
	return false
}

// blame says who ended the worker of an exit.
func (a attributor) blame(e evidence.Exit) (cause, why string) {
	if a.targets[e.PID] {
		return ByFault, "the fault hit it"
	}
	for _, d := range a.deeds {
		if d.Hits(e) && !(d.Action == "stop" && a.followed(e, d)) {
			return ByEngine, fmt.Sprintf("the engine's %s of worker %d%s", d.Action, e.ID, quoted(d.Told))
		}
	}
	switch {
	case e.At < a.inject:
		return ByApp, "it went before anything was injected"
	case a.r.Asked() && a.r.Unaided():
		return ByPM2, "PM2 replaced it as the operator asked"
	case a.r.Asked():
		return ByEngine, "nothing but the engine's work had been asked for"
	}
	return ByFault, "the fault's consequence"
}

// quoted is what an engine says of its deed, as its own words: that its drain's
// deadline had passed, say.
func quoted(told string) string {
	if told == "" {
		return ""
	}
	return fmt.Sprintf(" (of which it says %.200q)", told)
}

// followed reports whether another process of the same worker went after e, while
// the deed was under way. A stop leaves no successor: that one is the stop's, not e.
func (a attributor) followed(e evidence.Exit, d Deed) bool {
	return slices.ContainsFunc(a.exits, func(x evidence.Exit) bool { return x.At > e.At && x.ID == e.ID && d.Hits(x) })
}

// id returns the pm_id a pid had, -1 if no snapshot shows it.
func (a attributor) id(pid int) int {
	if pid == 0 {
		return -1
	}
	for _, s := range a.r.Snapshots {
		for _, w := range s.Workers {
			if w.PID == pid {
				return w.ID
			}
		}
	}
	return -1
}

func gap(a, b time.Duration) time.Duration {
	if a > b {
		return a - b
	}
	return b - a
}
