package promise

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Who a lost request is laid to.
const (
	ByFault     = "fault"     // the fault: no engine could have saved it
	ByEngine    = "engine"    // the engine's own action
	ByPM2       = "pm2"       // PM2, by a policy of its own or as an operator asked, with no engine at work
	ByApp       = "app"       // a worker that failed before anything was injected
	BySaturated = "saturated" // a worker that lives had it and took too long, for others were missing
	ByUnknown   = "unknown"   // nothing in the record explains it
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
	Cause   string           `json:"cause"`         // ByFault, ByEngine, ByPM2, ByApp, BySaturated or ByUnknown
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
		losses[i] = a.attributeLoss(q)
	}
	return losses
}

// attributor indexes a record for attribution.
type attributor struct {
	*inquest
	journal map[string]evidence.Served // last word of the app on an id
	conn    map[connKey]int            // pid that last answered on a connection
	busy    map[int][]time.Duration    // when each target of the fault answered
	deeds   []Deed                     // the engine's
	errors  map[int][]evidence.Request // answers of each status that untouched workers gave, in order of Done
}

type connKey struct {
	lane string
	conn int
}

func newAttributor(r *evidence.Record) attributor {
	a := attributor{
		inquest: newInquest(r), journal: map[string]evidence.Served{},
		conn: map[connKey]int{}, busy: map[int][]time.Duration{}, deeds: Deeds(r), errors: map[int][]evidence.Request{},
	}
	for _, s := range r.Served {
		if last, ok := a.journal[s.ID]; !ok || s.At >= last.At {
			a.journal[s.ID] = s
		}
	}
	for i := range r.Requests {
		q := &r.Requests[i]
		a.enterError(q)
		if q.Class != evidence.Answered || q.PID <= 0 {
			continue
		}
		a.conn[connKey{q.Lane, q.Conn}] = q.PID
		if a.targets[q.PID] {
			a.busy[q.PID] = append(a.busy[q.PID], q.Done)
		}
	}
	for _, same := range a.errors {
		slices.SortFunc(same, func(x, y evidence.Request) int { return cmp.Compare(x.Done, y.Done) })
	}
	return a
}

func (a attributor) attributeLoss(q evidence.Request) Loss {
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
		a.attributeToExit(&l)
	}
	l.Worker = findWorkerID(a.r, l.PID)
	return l
}

// attributeToExit attributes the loss to the worker's exit that explains it best: that of
// its own worker, or else the nearest one of a worker that had served.
func (a attributor) attributeToExit(l *Loss) {
	exit, ok := a.findExit(*l)
	if !ok {
		l.Why = "nothing on record explains it"
		a.attributeWithoutExit(l)
		return
	}
	l.PID = exit.PID
	ending := a.judgeEnding(exit)
	l.Cause = ending.By
	how := ""
	if ending.How != "" {
		how = ", " + ending.How
	}
	switch after := exit.At - l.Request.Sent; {
	case l.Request.Class == evidence.Refused:
		l.Why = fmt.Sprintf("nothing listened since pid %d went %s before%s: %s", exit.PID, (l.Request.Done - exit.At).Round(time.Millisecond), how, ending.Why)
	case after < 0:
		l.Why = fmt.Sprintf("pid %d had gone %s before it was sent%s: %s", exit.PID, (-after).Round(time.Millisecond), how, ending.Why)
	default:
		l.Why = fmt.Sprintf("pid %d went %s after it was sent%s: %s", exit.PID, after.Round(time.Millisecond), how, ending.Why)
	}
}

// findExit returns the exit that explains a loss. Where the app's journal says which
// worker had the request, that is its worker's exit, at about that time, and no other
// worker's.
func (a attributor) findExit(l Loss) (evidence.Exit, bool) {
	q := l.Request
	best, found := evidence.Exit{}, false
	for _, e := range a.exits {
		_, served := a.served[e.PID]
		switch {
		case l.PID > 0 && e.PID == l.PID:
			return e, e.At <= q.Done+near
		case l.PID > 0 || !served:
			continue
		case q.Class == evidence.Refused && e.At <= q.Done:
			best, found = e, true // the last worker to go took the listener with it
		case q.Class != evidence.Refused && e.At >= q.Due-near && e.At <= q.Done+near:
			if !found || computeGap(e.At, q.Sent) < computeGap(best.At, q.Sent) {
				best, found = e, true
			}
		}
	}
	return best, found
}

// attributeWithoutExit explains a loss that no exit explains: a worker that lives and
// took too long, a target of the fault that lives on and answers nothing, or another
// process that answers on the port.
func (a attributor) attributeWithoutExit(l *Loss) {
	q := l.Request
	known := l.Server != NeverReceived
	switch {
	case q.Class == evidence.TimedOut && known:
		a.attributeSlow(l)
	case a.r.Asked():
		l.Cause, l.Why = ByUnknown, "no worker's exit explains it"
	case q.Class == evidence.WrongStatus && q.PID == 0:
		l.Cause, l.Why = ByFault, fmt.Sprintf("it was answered with status %d by a process that is no worker of the app", q.Status)
	case q.Class == evidence.WrongStatus && a.isFaultActive(q.Sent) && a.findAlike(q) > 0:
		l.Cause, l.Why = ByFault, fmt.Sprintf("it was answered with status %d while the fault lasted, and so did pid %d answer, which nobody had touched", q.Status, a.findAlike(q))
	case q.Class == evidence.TimedOut && a.hasSilentTarget(q):
		l.Cause, l.Why = ByFault, "it was handed to a worker that the fault had silenced"
	case len(a.r.Serving(q.Due-Window, q.Done)) == 0:
		l.Cause, l.Why = ByFault, "no worker of the app served then, so none had it"
	case !a.r.Unaided() && !a.hasActed(q.Done) && !known:
		l.Cause, l.Why = ByFault, "it was lost after the injection and before the engine did anything"
	}
}

// isFaultActive reports whether the fault had been injected by t and was lifted not long
// before it, if at all.
func (a attributor) isFaultActive(t time.Duration) bool {
	lifted, ok := a.r.Mark(evidence.MarkLifted)
	return t >= a.inject && (!ok || t <= lifted.At+near)
}

// attributeSlow explains a loss of a request that a living worker had: the worker had
// more to do than it could, for others were missing. If the engine had ended one of
// those, the engine is the cause.
func (a attributor) attributeSlow(l *Loss) {
	q := l.Request
	l.Why = fmt.Sprintf("pid %d had it, lives on, and took longer than the client waits", l.PID)
	if taken, ok := a.findEndedByEngine(q); ok {
		l.Cause = ByEngine
		l.Why += fmt.Sprintf(", while pid %d was missing: %s", taken.Exit.PID, taken.Why)
		return
	}
	switch asked := a.r.Asked(); {
	case !a.isShort(q.Due) || (asked && !a.r.Unaided()):
	case asked:
		l.Cause, l.Why = BySaturated, l.Why+", while others were being replaced"
	default:
		l.Cause, l.Why = BySaturated, l.Why+", while the fault kept others away"
	}
}

// findEndedByEngine returns the end of a worker that the engine had ended and that no
// other process replaced while the request waited. What the fault had hit was missing
// before.
func (a attributor) findEndedByEngine(q evidence.Request) (Ending, bool) {
	for _, x := range a.exits {
		_, served := a.served[x.PID]
		if !served || a.targets[x.PID] || x.At < a.inject || x.At > q.Done {
			continue
		}
		if e := a.judgeEnding(x); e.By == ByEngine && !a.hasSuccessor(x, q.Due) {
			return e, true
		}
	}
	return Ending{}, false
}

// hasSuccessor reports whether another process of the same worker had served by t.
func (a attributor) hasSuccessor(x evidence.Exit, t time.Duration) bool {
	for _, s := range a.r.Snapshots {
		for _, w := range s.Workers {
			if first, ok := a.served[w.PID]; ok && w.ID == x.ID && w.PID != x.PID && s.At > x.At && first <= t {
				return true
			}
		}
	}
	return false
}

// isShort reports whether the cluster was short of workers at t: the fault had been
// injected and not all workers were back yet.
func (a attributor) isShort(t time.Duration) bool {
	m, ok := a.r.Mark(evidence.MarkRecovered)
	return !ok || t < m.At
}

// hasActed reports whether the engine had begun to act by t.
func (a attributor) hasActed(t time.Duration) bool {
	return len(a.deeds) > 0 && a.deeds[0].Begin <= t+claimSlack
}

// hasSilentTarget reports whether a process that the fault hit existed and answered
// nothing all the time that the request waited.
func (a attributor) hasSilentTarget(q evidence.Request) bool {
	for pid := range a.targets {
		e, gone := a.r.ExitOf(pid)
		answered := slices.ContainsFunc(a.busy[pid], func(t time.Duration) bool { return t >= q.Sent && t <= q.Done })
		if (!gone || e.At > q.Due) && !answered {
			return true
		}
	}
	return false
}

// quoteReason returns what an engine says of its deed (that the deadline of its drain had
// passed, say) as a quotation; "" for nothing.
func quoteReason(told string) string {
	if told == "" {
		return ""
	}
	return fmt.Sprintf(" (of which it says %.200q)", told)
}

func computeGap(a, b time.Duration) time.Duration {
	if a > b {
		return a - b
	}
	return b - a
}
