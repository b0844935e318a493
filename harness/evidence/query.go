package evidence

import (
	"encoding/json"
	"slices"
	"time"
)

// Mark returns the first mark of that name.
func (r *Record) Mark(name string) (Mark, bool) {
	i := slices.IndexFunc(r.Marks, func(m Mark) bool { return m.Name == name })
	if i < 0 {
		return Mark{}, false
	}
	return r.Marks[i], true
}

// Expected is how many workers are to serve at the end: all, or those that the
// fault has left on purpose.
func (r *Record) Expected() int {
	if _, injected := r.Mark(MarkInject); injected && r.Header.Left > 0 {
		return r.Header.Left
	}
	return r.Header.Workers
}

// Asked reports whether the drill asked for work instead of doing harm.
func (r *Record) Asked() bool {
	m, ok := r.Mark(MarkInject)
	return ok && m.Kind == KindRequest
}

// Unaided reports whether the arm is one with no engine: whatever an operator
// asked for, PM2 alone did.
func (r *Record) Unaided() bool {
	return slices.Contains([]string{ArmControl, ArmClaim, ArmInstead, ArmRehearsal}, r.Header.Arm)
}

// Capabilities are what the engine has said that it can do, in its ready line.
func (r *Record) Capabilities() []string {
	for _, c := range r.Claims {
		var ready struct {
			Capabilities []string `json:"capabilities"`
		}
		if c.Type == "ready" && json.Unmarshal(c.Raw, &ready) == nil {
			return ready.Capabilities
		}
	}
	return nil
}

// SnapshotAt returns the last snapshot taken at or before t.
func (r *Record) SnapshotAt(t time.Duration) (Snapshot, bool) {
	for i := len(r.Snapshots) - 1; i >= 0; i-- {
		if r.Snapshots[i].At <= t {
			return r.Snapshots[i], true
		}
	}
	return Snapshot{}, false
}

// Serving returns the pids that completed an answer on a lane of new
// connections within [from, to], sorted. Keep-alive lanes are left out: their
// connections are pinned and say nothing about who is in the rotation. Who
// serves is read off answers, never off PM2's word; whose answers count, Credit says.
func (r *Record) Serving(from, to time.Duration) []int {
	credit := r.Credit()
	seen := map[int]bool{}
	for i := len(r.Requests) - 1; i >= 0; i-- {
		q := &r.Requests[i]
		if q.Done < from-settleSlack {
			break
		}
		if isRotating(q.Lane) && q.Done >= from && q.Done <= to && !seen[q.PID] && credit(q) {
			seen[q.PID] = true
		}
	}
	pids := make([]int, 0, len(seen))
	for pid := range seen {
		pids = append(pids, pid)
	}
	slices.Sort(pids)
	return pids
}

// StillServing is Serving without those whose process was gone by then: of a worker
// that is replaced within the stretch both processes have answered, and one serves.
func (r *Record) StillServing(from, to time.Duration) []int {
	return slices.DeleteFunc(r.Serving(from, to), func(pid int) bool {
		return slices.ContainsFunc(r.Exits, func(e Exit) bool { return e.PID == pid && e.At <= to })
	})
}

// settleSlack is how far rows may arrive out of order of Done: they are
// written in batches, one lane after the other.
const settleSlack = 5 * time.Second

func isRotating(lane string) bool { return lane == LaneShort || lane == LaneLong }

// Counts returns the settled rows of a lane by class.
func (r *Record) Counts(lane string) map[Class]int {
	n := map[Class]int{}
	for i := range r.Requests {
		if r.Requests[i].Lane == lane {
			n[r.Requests[i].Class]++
		}
	}
	return n
}

// Dropped returns the requests that were owed to the app and not answered, in
// order of when they were due. The noise lane's are not among them.
func (r *Record) Dropped() []Request {
	var out []Request
	for _, q := range r.Requests {
		if q.Class.Dropped() && q.Lane != LaneNoise {
			out = append(out, q)
		}
	}
	slices.SortFunc(out, func(a, b Request) int { return int(a.Due - b.Due) })
	return out
}

// ExitOf returns when the process with that pid was gone.
func (r *Record) ExitOf(pid int) (Exit, bool) {
	i := slices.IndexFunc(r.Exits, func(e Exit) bool { return e.PID == pid })
	if i < 0 {
		return Exit{}, false
	}
	return r.Exits[i], true
}
