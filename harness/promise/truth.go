package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// TellsTheTruth: what the engine says it did is what PM2 and the kernel saw. A
// restart or kill it reports as done has ended a process of that worker and
// another one has come; a stop has left the worker without one; a drained worker has
// left the rotation; a roll has replaced every worker; a configuration has changed a
// setting of PM2's; a roll-back one of the app's files; a reset has
// set the worker's count of restarts to zero; a release has closed the port; a scale has taken
// the worker off PM2's list, or has put one there. When it has verified a recovery, or says
// or tells people that its only incident is over,
// all workers serve. What names no worker is held to be about each of them.
func TellsTheTruth() Promise {
	return Promise{
		Name:     "tells-the-truth",
		Sentence: "PM2 and the kernel confirm every action the engine claims",
		Judge: func(r *evidence.Record) Finding {
			deeds, confirmed := listClaimed(r), 0
			for _, d := range deeds {
				if d.Failed || d.End == 0 {
					continue
				}
				if why := findContradiction(r, d); why != "" {
					return newBroken(fmt.Sprintf("it claims to have done %s of %s, but %s", d.Action, d.describeSubject(d.ID), why), d.Begin)
				}
				confirmed++
			}
			if m, muted := r.Mark(evidence.MarkEngineMuted); muted {
				return newBroken(m.Note, m.At)
			}
			for _, c := range r.Claims {
				if n := countServing(r, c); c.Type == "verified" && n < r.Expected() {
					return newBroken(fmt.Sprintf("it claims to have seen the recovery, and %d of %d workers served then", n, r.Expected()), c.At)
				}
			}
			if what, at := overTooSoon(r); what != "" {
				return newBroken(what, at)
			}
			if !hasSpoken(r) {
				return Finding{Verdict: Skipped, Because: "the engine says nothing, so that nothing is to be held against it"}
			}
			return newKept(fmt.Sprintf("%d of %d claimed actions are done and confirmed", confirmed, len(deeds)))
		},
	}
}

// outage is the contract's cause of a server that is away: such an incident is over when
// the app's answers are right again.
const outage = "dependency_outage"

// countServing returns how many workers served when the engine said that it had seen a
// recovery. While an outage of a server lasts that the engine has told of and that this
// claim does not end, answers of any status count.
func countServing(r *evidence.Record, c evidence.Claim) int {
	away := false
	for _, x := range r.Claims {
		if x.At <= c.At && x.Cause == outage && (x.Type == "detected" || x.Type == "verified") {
			away = x.Type == "detected"
		}
	}
	if !away || c.Cause == outage {
		return len(r.Serving(c.At-Window, c.At+Window))
	}
	alive := map[int]bool{}
	for i := range r.Requests {
		q := &r.Requests[i]
		if q.Lane == evidence.LaneShort && q.PID > 0 && q.Status > 0 && q.Done >= c.At-Window && q.Done <= c.At+Window {
			alive[q.PID] = true
		}
	}
	return len(alive)
}

// findContradiction says what in the record contradicts a deed, "" if nothing.
func findContradiction(r *evidence.Record, d Deed) string {
	switch d.Action {
	case "release":
		if pid := findLoneListener(r, d); pid > 0 {
			return fmt.Sprintf("PM2's daemon (pid %d) listened on, and the app had no worker", pid)
		}
	case "configure":
		if !isReconfigured(r, d) {
			return "no setting of PM2's for it has changed"
		}
	case "rollback":
		if !isRolledBack(r, d) {
			return "none of the app's files has changed"
		}
	case "scale":
		return findUnscaled(r, d)
	case "restart", "replace", "kill", "stop", "reset", "drain", "roll":
		for _, each := range d.splitByWorker(r) {
			if why := findUndone(r, each); why != "" {
				return why
			}
		}
	}
	return ""
}

// splitByWorker returns the deed as one deed for each worker that it is about.
func (d Deed) splitByWorker(r *evidence.Record) []Deed {
	if !d.isForAll() {
		return []Deed{d}
	}
	s, _ := r.SnapshotAt(d.Begin)
	var each []Deed
	for _, w := range s.Workers {
		one := d
		one.ID = w.ID
		if w.Alive {
			one.PID = w.PID
		}
		each = append(each, one)
	}
	return each
}

// findUndone says what in the record contradicts a deed on one worker, "" if nothing.
func findUndone(r *evidence.Record, d Deed) string {
	if d.ID < 0 && d.Action != "kill" {
		return fmt.Sprintf("no worker of the app had pid %d", d.PID)
	}
	switch d.Action {
	case "restart", "replace", "roll":
		if !hasStarted(r, d) {
			return "no new process of it was seen" + d.describeWorker()
		}
	case "kill":
		return findSurvivor(r, d)
	case "stop":
		if !hasStopped(r, d) {
			return "it was seen running all the time" + d.describeWorker()
		}
	case "reset":
		if !hasZeroed(r, d) {
			return "PM2 went on counting its restarts" + d.describeWorker()
		}
	case "drain":
		if !hasLeftRotation(r, d) {
			return "it answered new connections all along" + d.describeWorker()
		}
	}
	return ""
}

// describeWorker names the one worker, where the deed is about all.
func (d Deed) describeWorker() string { return fmt.Sprintf(" (worker %d)", d.ID) }

// findSurvivor says that what was killed lived on, "" if it did not. A worker that is
// named by its id alone is the process that it had then, or any of it that ended
// meanwhile.
func findSurvivor(r *evidence.Record, d Deed) string {
	pid := d.PID
	if pid == 0 {
		if slices.ContainsFunc(r.Exits, d.Hits) {
			return ""
		}
		if pid = findWorkerPID(r, d.ID, d.Begin); pid == 0 {
			return "it had no process"
		}
	}
	if e, ok := r.ExitOf(pid); !ok || e.At > d.End+settle {
		return fmt.Sprintf("pid %d lived on", pid)
	}
	return ""
}

// hasLeftRotation reports whether the deed's worker answered no new connection for a
// while until shortly after the deed, many times as long as it took from one to the next
// before; or had ended.
func hasLeftRotation(r *evidence.Record, d Deed) bool {
	pid := d.PID
	if pid == 0 {
		pid = findWorkerPID(r, d.ID, d.Begin)
	}
	if x, gone := r.ExitOf(pid); gone && x.At <= d.End+settle {
		return true
	}
	var before int
	sent := []time.Duration{d.Begin}
	for i := range r.Requests {
		q := &r.Requests[i]
		switch {
		case q.PID != pid || q.Class != evidence.Answered || q.Lane != evidence.LaneShort:
		case q.Sent < d.Begin && q.Sent >= d.Begin-5*Window:
			before++
		case q.Sent >= d.Begin && q.Sent <= d.End+Window:
			sent = append(sent, q.Sent)
		}
	}
	if before == 0 {
		return true // it was not in the rotation
	}
	usual := 5 * Window / time.Duration(before)
	sent = append(sent, d.End+Window)
	slices.Sort(sent)
	for i := range sent[1:] {
		if sent[i+1]-sent[i] >= max(Window/2, 4*usual) {
			return true
		}
	}
	return false
}

// isReconfigured reports whether PM2 has other settings for the deed's worker, or for
// any, after the deed than before. Settings that are not on record prove nothing.
func isReconfigured(r *evidence.Record, d Deed) bool {
	type settings struct{ kill, listen time.Duration }
	was, recorded := map[int]settings{}, false
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			has := settings{w.KillTimeout, w.ListenTimeout}
			recorded = recorded || has != settings{}
			if s.At <= d.Begin {
				was[w.ID] = has
				continue
			}
			before, known := was[w.ID]
			if s.At <= d.End+settle && (d.ID < 0 || d.ID == w.ID) && known && has != before {
				return true
			}
		}
	}
	return !recorded || slices.ContainsFunc(rewrites(r, func(s evidence.Snapshot) []evidence.Worker { return s.Workers }), func(w rewrite) bool {
		return w.action == "configure" && (d.ID < 0 || d.ID == w.worker.ID) && w.at > d.Begin && w.at <= d.End+settle
	})
}

// isRolledBack reports whether a file of the app was changed by the deed. A record whose
// observer did not look at files proves nothing.
func isRolledBack(r *evidence.Record, d Deed) bool {
	return !slices.Contains(r.Header.Watches, evidence.WatchFiles) || slices.ContainsFunc(r.Files, func(f evidence.File) bool {
		return !f.Log && f.At >= d.Begin-claimSlack && f.At <= d.End+settle
	})
}

// findUnscaled says what in the record contradicts a deed of scaling, "" if nothing.
func findUnscaled(r *evidence.Record, d Deed) string {
	switch {
	case d.ID >= 0 && !hasDelisted(r, d):
		return "PM2 lists it still"
	case d.ID < 0 && d.PID > 0 && !hasAppeared(r, d):
		return fmt.Sprintf("no worker with pid %d was seen", d.PID)
	case d.isForAll() && !hasNumberChanged(r, d):
		return "PM2 lists as many workers as before"
	}
	return ""
}

// hasNumberChanged reports whether PM2's list was seen to be longer or shorter after the
// deed than before.
func hasNumberChanged(r *evidence.Record, d Deed) bool {
	before, ok := r.SnapshotAt(d.Begin)
	return ok && slices.ContainsFunc(r.Snapshots, func(s evidence.Snapshot) bool {
		return s.Daemon > 0 && s.At > d.Begin && s.At <= d.End+settle && len(s.Workers) != len(before.Workers)
	})
}
