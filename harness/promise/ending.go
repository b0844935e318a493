package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Ending is how one process of the app ended, and who ended it.
type Ending struct {
	Exit evidence.Exit `json:"exit"`
	By   string        `json:"by"`            // ByFault, ByEngine, ByPM2, ByApp or ByUnknown
	How  string        `json:"how,omitempty"` // its own exit code, a signal's default action, PM2's SIGKILL; "" if nothing tells
	Why  string        `json:"why"`           // by what it is laid to By
}

// Endings says of each process of the app that ended how, and who ended it. What
// neither the fault, nor PM2's own policy, nor the process itself explains is the
// engine's act where an engine is at work, or unknown: it is never the fault's
// consequence for want of another explanation.
func Endings(r *evidence.Record) []Ending {
	q := newInquest(r)
	var out []Ending
	for _, x := range q.exits {
		if x.ID >= 0 {
			out = append(out, q.judgeEnding(x))
		}
	}
	return out
}

// describeHow returns how the process ended as the continuation of a sentence, "" if
// nothing tells.
func (e Ending) describeHow() string {
	if e.How == "" {
		return ""
	}
	return " " + e.How
}

// inquest is what there is to know of how the app's processes ended.
type inquest struct {
	r         *evidence.Record
	inject    time.Duration         // 0 when nothing was injected
	targets   map[int]bool          // processes that the fault aimed at
	served    map[int]time.Duration // first answer of each process
	exits     []evidence.Exit       // in order of time
	log       pm2Log
	hands     spans                 // while the harness has its own hand on the app
	typed     spans                 // while an operator's commands run
	claims    []Deed                // the engine's
	starved   map[int]bool          // processes that the kernel killed for want of memory
	sights    map[int]time.Duration // first sight of each process
	debuggers []debugger            // that were seen open after the engine's start
}

func newInquest(r *evidence.Record) *inquest {
	q := &inquest{
		r: r, targets: map[int]bool{}, served: map[int]time.Duration{}, exits: slices.Clone(r.Exits),
		log: readPM2Log(r), hands: listOperatorSpans(r), typed: typed(r), claims: listClaimed(r),
	}
	if m, ok := r.Mark(evidence.MarkInject); ok {
		q.inject = m.At
	}
	for _, m := range r.Marks {
		for _, pid := range m.PIDs {
			q.targets[pid] = true
		}
	}
	for i := range r.Requests {
		a := &r.Requests[i]
		if a.Class != evidence.Answered || a.PID <= 0 {
			continue
		}
		if t, ok := q.served[a.PID]; !ok || a.Done < t {
			q.served[a.PID] = a.Done
		}
	}
	slices.SortStableFunc(q.exits, func(x, y evidence.Exit) int { return int(x.At - y.At) })
	q.starved, q.sights = q.findStarved(), findFirstSights(r)
	_, q.debuggers = listDebuggers(r)
	return q
}

// judgeEnding rules on the end of one process. The engine's own word comes before what is
// inferred.
func (q *inquest) judgeEnding(x evidence.Exit) Ending {
	e := Ending{Exit: x, How: q.describeEnd(x)}
	claim, said := q.findClaim(x)
	order, ordered := q.log.findOrder(x.PID)
	switch {
	case q.targets[x.PID]:
		e.By, e.Why = ByFault, "the fault hit it"
	case said:
		e.By, e.Why = ByEngine, fmt.Sprintf("the engine's %s of %s%s", claim.Action, claim.describeSubject(x.ID), quoteReason(claim.Told))
	case ordered:
		e.By, e.Why = q.attributeOrder(x, order)
	case q.r.Asked() && !q.r.Unaided() && x.At >= q.inject:
		e.By, e.Why = ByEngine, "nothing but the engine's work had been asked for"
	default:
		e.By, e.Why = q.attributeUnordered(x)
	}
	return e
}

// attributeOrder returns who had PM2 end the process by an order, and why.
func (q *inquest) attributeOrder(x evidence.Exit, o order) (by, why string) {
	policy := q.log.findPolicy(q.r, o)
	switch {
	case policy != "":
		return ByPM2, policy
	case q.inject == 0 || x.At < q.inject:
		return ByApp, "it went before anything was injected"
	case q.r.Asked() && q.r.Unaided():
		return ByPM2, "PM2 replaced it as the operator asked"
	case q.r.Asked():
		return ByEngine, "nothing but the engine's work had been asked for"
	case q.typed.contains(o.at):
		return ByFault, "the fault's consequence: PM2 was told to stop it as a part of the fault"
	case q.r.Unaided() || q.isDeploying():
		return ByFault, "the fault's consequence: PM2 was told to stop it"
	}
	return ByEngine, "somebody told PM2 to stop it, and but for the engine nobody was there"
}

// attributeUnordered returns who ended a process of which PM2 was not told, and why.
func (q *inquest) attributeUnordered(x evidence.Exit) (by, why string) {
	before := q.inject == 0 || x.At < q.inject
	killed := q.findForeignSignal(x) != "" && !q.log.hasLateOrder(x.ID, x.At)
	switch {
	case before && (q.r.Unaided() || !killed):
		return ByApp, "it went before anything was injected"
	case q.r.Asked() && q.r.Unaided():
		return ByPM2, "PM2 replaced it as the operator asked"
	case q.typed.contains(x.At) || q.hands.contains(x.At) && !killed:
		return ByFault, "the fault's consequence: it went while the fault was being injected or lifted"
	case q.r.Unaided():
		return ByFault, "the fault's consequence"
	case q.isOrphaned(x.At):
		return ByEngine, "PM2's daemon had gone, which the fault had not ended"
	case killed:
		return ByEngine, "somebody sent it that signal, and but for the engine nobody was there"
	case q.wasDebugged(x):
		return ByEngine, "somebody had attached a debugger to it, and but for the engine nobody was there"
	}
	if own := q.describeOwnEnd(x); own != "" {
		return ByFault, "the fault's consequence: " + own
	}
	return ByUnknown, "nothing on record says who ended it"
}

// describeOwnEnd returns by what it is known that a process ended by itself, "" if it is
// not known.
func (q *inquest) describeOwnEnd(x evidence.Exit) string {
	d, told := q.log.findDeath(x.PID)
	code := d.code
	if x.Code != nil {
		code, told = *x.Code, true
	}
	_, served := q.served[x.PID]
	switch {
	case q.starved[x.PID]:
		return "the kernel killed it for want of memory"
	case q.hasFatalError(x.ID, x.At):
		return "it ended by itself, of an error that it told of"
	case told && code != 0:
		return "it ended by itself"
	case !served:
		return "it ended before it had served"
	}
	return ""
}

// isOrphaned reports whether PM2's daemon, which the fault had not hit, ended just before
// t.
func (q *inquest) isOrphaned(t time.Duration) bool {
	s, ok := q.r.SnapshotAt(t)
	for i := len(q.r.Snapshots) - 1; ok && s.Daemon == 0 && i >= 0; i-- {
		if q.r.Snapshots[i].At <= t {
			s = q.r.Snapshots[i]
		}
	}
	x, gone := q.r.ExitOf(s.Daemon)
	return gone && s.Daemon != 0 && x.At <= t && x.At >= t-orphanedFor && !q.targets[s.Daemon] && !q.hands.contains(x.At)
}

// isDeploying reports whether a deployment goes on in the background: PM2 is then told to
// stop workers by the deployment.
func (q *inquest) isDeploying() bool {
	m, ok := q.r.Mark(evidence.MarkInject)
	return ok && m.Kind == evidence.KindDeployment
}

// findClaim returns the engine's claim that explains the end of a process, false for
// none. A stop leaves no successor: of two processes that ended meanwhile the last one is
// the stop's.
func (q *inquest) findClaim(x evidence.Exit) (Deed, bool) {
	for _, d := range q.claims {
		if d.Hits(x) && !(d.Action == "stop" && q.isFollowed(x, d)) {
			return d, true
		}
	}
	order, ordered := q.log.findOrder(x.PID)
	for _, d := range q.claims {
		if ordered && d.isForAll() && d.covers(Deed{Action: "stop", ID: x.ID, PID: x.PID, Begin: order.at}) && q.isLiving(x.PID, d.Begin) {
			return d, true
		}
	}
	return Deed{}, false
}

// isFollowed reports whether another process of the same worker ended after x, while the
// deed was under way.
func (q *inquest) isFollowed(x evidence.Exit, d Deed) bool {
	return slices.ContainsFunc(q.exits, func(y evidence.Exit) bool { return y.At > x.At && y.ID == x.ID && d.Hits(y) })
}

// isLiving reports whether a process existed at t already, as far as the snapshots tell.
func (q *inquest) isLiving(pid int, t time.Duration) bool {
	for _, s := range q.r.Snapshots {
		for _, w := range s.Workers {
			if w.PID == pid && w.Alive {
				return s.At <= t+claimSlack
			}
		}
	}
	return true
}

// describeEnd says how a process ended, "" if neither the kernel nor PM2 tells.
func (q *inquest) describeEnd(x evidence.Exit) string {
	order, ordered := q.log.findOrder(x.PID)
	after := ""
	if ordered {
		after = fmt.Sprintf(", %s after PM2 was told to stop it", max(0, x.At-order.at).Round(time.Millisecond))
	}
	resort, last := q.log.findResort(x.PID)
	d, told := q.log.findDeath(x.PID)
	switch signal := q.findSignal(x); {
	case signal == "SIGKILL" && last:
		return fmt.Sprintf("by PM2's SIGKILL, for it lived %s after PM2 had told it to end (kill_timeout)", resort.after)
	case signal == "SIGKILL" || isCrashSignal(signal):
		return "by " + signal + after
	case signal != "":
		return "by the default action of " + signal + after
	case x.Code != nil:
		return fmt.Sprintf("with its own exit code %d%s", *x.Code, after)
	case told && d.code != 0:
		return fmt.Sprintf("with its own exit code %d%s", d.code, after)
	case told:
		return "with exit code 0, or by the default action of SIGINT" + after
	}
	return ""
}
