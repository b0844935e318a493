package promise

import (
	"fmt"
	"slices"
	"strings"
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
			out = append(out, q.ending(x))
		}
	}
	return out
}

// told is how it ended, as the continuation of a sentence; "" if nothing tells.
func (e Ending) told() string {
	if e.How == "" {
		return ""
	}
	return " " + e.How
}

// inquest is what there is to know of how the app's processes ended.
type inquest struct {
	r       *evidence.Record
	inject  time.Duration         // 0 when nothing was injected
	targets map[int]bool          // processes that the fault aimed at
	served  map[int]time.Duration // first answer of each process
	exits   []evidence.Exit       // in order of time
	log     pm2Log
	hands   spans  // while the harness has its own hand on the app
	claims  []Deed // the engine's
}

func newInquest(r *evidence.Record) *inquest {
	q := &inquest{
		r: r, targets: map[int]bool{}, served: map[int]time.Duration{}, exits: slices.Clone(r.Exits),
		log: readPM2Log(r), hands: operators(r), claims: claimed(r),
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
	return q
}

// ending rules on one process. The engine's own word comes before what is inferred.
func (q *inquest) ending(x evidence.Exit) Ending {
	e := Ending{Exit: x, How: q.how(x)}
	claim, said := q.claimOf(x)
	order, ordered := q.log.orderOf(x.PID)
	switch {
	case q.targets[x.PID]:
		e.By, e.Why = ByFault, "the fault hit it"
	case said:
		e.By, e.Why = ByEngine, fmt.Sprintf("the engine's %s of %s%s", claim.Action, claim.subject(x.ID), quoted(claim.Told))
	case ordered:
		e.By, e.Why = q.byOrder(x, order)
	case q.r.Asked() && !q.r.Unaided() && x.At >= q.inject:
		e.By, e.Why = ByEngine, "nothing but the engine's work had been asked for"
	default:
		e.By, e.Why = q.unordered(x)
	}
	return e
}

// byOrder lays to somebody that PM2 was told to end the process.
func (q *inquest) byOrder(x evidence.Exit, o order) (by, why string) {
	policy := q.log.policyOf(q.r, o)
	switch {
	case policy != "":
		return ByPM2, policy
	case q.inject == 0 || x.At < q.inject:
		return ByApp, "it went before anything was injected"
	case q.r.Asked() && q.r.Unaided():
		return ByPM2, "PM2 replaced it as the operator asked"
	case q.r.Asked():
		return ByEngine, "nothing but the engine's work had been asked for"
	case q.hands.during(o.at):
		return ByFault, "the fault's consequence: PM2 was told to stop it as a part of the fault"
	case q.r.Unaided() || q.deployed():
		return ByFault, "the fault's consequence: PM2 was told to stop it"
	}
	return ByEngine, "somebody told PM2 to stop it, and but for the engine nobody was there"
}

// unordered lays the end of a process of which PM2 was not told to somebody.
func (q *inquest) unordered(x evidence.Exit) (by, why string) {
	before := q.inject == 0 || x.At < q.inject
	killed := q.killedBy(x) != "" && !q.log.lately(x.ID, x.At)
	switch {
	case before && (q.r.Unaided() || !killed):
		return ByApp, "it went before anything was injected"
	case q.r.Asked() && q.r.Unaided():
		return ByPM2, "PM2 replaced it as the operator asked"
	case q.hands.during(x.At):
		return ByFault, "the fault's consequence: it went while the fault was being injected or lifted"
	case q.r.Unaided():
		return ByFault, "the fault's consequence"
	case q.orphaned(x.At):
		return ByEngine, "PM2's daemon had gone, which the fault had not ended"
	case killed:
		return ByEngine, "somebody sent it that signal, and but for the engine nobody was there"
	}
	if own := q.ownEnd(x); own != "" {
		return ByFault, "the fault's consequence: " + own
	}
	return ByUnknown, "nothing on record says who ended it"
}

// ownEnd says by what it is known that a process ended by itself, "" if it is not.
func (q *inquest) ownEnd(x evidence.Exit) string {
	d, told := q.log.deathOf(x.PID)
	code := d.code
	if x.Code != nil {
		code, told = *x.Code, true
	}
	_, served := q.served[x.PID]
	switch {
	case q.lastWords(x.ID, x.At):
		return "it ended by itself, of an error that it told of"
	case told && code != 0:
		return "it ended by itself"
	case !served:
		return "it ended before it had served"
	}
	return ""
}

// signalOf is the signal that ended a process, by the kernel's word or else by PM2's; ""
// if none did, or if neither tells.
func (q *inquest) signalOf(x evidence.Exit) string {
	if x.Known() {
		return x.Signal
	}
	d, _ := q.log.deathOf(x.PID)
	return d.signal
}

// killedBy is the signal by which somebody else ended a process, "" if nobody did: a
// crash of its own ends in a signal too, and is preceded by its last words.
func (q *inquest) killedBy(x evidence.Exit) string {
	signal := q.signalOf(x)
	if crash(signal) && q.lastWords(x.ID, x.At) {
		return ""
	}
	return signal
}

// crash reports whether a process may have brought the signal upon itself.
func crash(signal string) bool {
	return slices.Contains([]string{"SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"}, signal)
}

// lastWordsFor is how long before its end a process tells of what ends it.
const lastWordsFor = 1500 * time.Millisecond

// lastWords reports whether worker id told of a fatal error just before t: by an uncaught
// exception on PM2's bus, or in words that V8 and Node print on their way out. Of a
// heap that is exhausted they come through PM2's own log, without the worker's name.
func (q *inquest) lastWords(id int, t time.Duration) bool {
	return slices.ContainsFunc(q.r.Events, func(e evidence.Event) bool {
		if e.At < t-lastWordsFor || e.At > t+claimSlack {
			return false
		}
		fatal := strings.Contains(e.Text, "FATAL ERROR") || strings.Contains(e.Text, "Fatal error") || strings.Contains(e.Text, "Native stack trace")
		mine := e.ID == id && (e.Name == "" || e.Name == q.r.Header.App)
		return mine && e.Topic == "process:exception" || fatal && (mine || e.Topic == "log:PM2")
	})
}

// orphanedFor is how long after PM2's daemon its workers go: at most a second.
const orphanedFor = 3 * time.Second

// orphaned reports whether PM2's daemon, which the fault had not hit, went just before t.
func (q *inquest) orphaned(t time.Duration) bool {
	s, ok := q.r.SnapshotAt(t)
	for i := len(q.r.Snapshots) - 1; ok && s.Daemon == 0 && i >= 0; i-- {
		if q.r.Snapshots[i].At <= t {
			s = q.r.Snapshots[i]
		}
	}
	x, gone := q.r.ExitOf(s.Daemon)
	return gone && s.Daemon != 0 && x.At <= t && x.At >= t-orphanedFor && !q.targets[s.Daemon] && !q.hands.during(x.At)
}

// deployed reports whether a deployment goes on in the background: PM2 is told to stop
// workers then, by its hand.
func (q *inquest) deployed() bool {
	m, ok := q.r.Mark(evidence.MarkInject)
	return ok && m.Kind == evidence.KindDeployment
}

// claimOf is the engine's claim that explains the end of a process. A stop leaves no
// successor: of two processes that went meanwhile the last one is the stop's.
func (q *inquest) claimOf(x evidence.Exit) (Deed, bool) {
	for _, d := range q.claims {
		if d.Hits(x) && !(d.Action == "stop" && q.followed(x, d)) {
			return d, true
		}
	}
	order, ordered := q.log.orderOf(x.PID)
	for _, d := range q.claims {
		if ordered && d.everybody() && d.covers(Deed{Action: "stop", ID: x.ID, PID: x.PID, Begin: order.at}) && q.lived(x.PID, d.Begin) {
			return d, true
		}
	}
	return Deed{}, false
}

// followed reports whether another process of the same worker went after x, while the
// deed was under way.
func (q *inquest) followed(x evidence.Exit, d Deed) bool {
	return slices.ContainsFunc(q.exits, func(y evidence.Exit) bool { return y.At > x.At && y.ID == x.ID && d.Hits(y) })
}

// lived reports whether a process was there at t already, as far as anybody looked.
func (q *inquest) lived(pid int, t time.Duration) bool {
	for _, s := range q.r.Snapshots {
		for _, w := range s.Workers {
			if w.PID == pid && w.Alive {
				return s.At <= t+claimSlack
			}
		}
	}
	return true
}

// how says in words how a process ended, "" if neither the kernel nor PM2 tells.
func (q *inquest) how(x evidence.Exit) string {
	order, ordered := q.log.orderOf(x.PID)
	after := ""
	if ordered {
		after = fmt.Sprintf(", %s after PM2 was told to stop it", max(0, x.At-order.at).Round(time.Millisecond))
	}
	resort, last := q.log.resortOf(x.PID)
	d, told := q.log.deathOf(x.PID)
	switch signal := q.signalOf(x); {
	case signal == "SIGKILL" && last:
		return fmt.Sprintf("by PM2's SIGKILL, for it lived %s after PM2 had told it to end (kill_timeout)", resort.after)
	case signal == "SIGKILL" || crash(signal):
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
