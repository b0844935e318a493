package promise

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Deed is one action: as the engine claims it, from its begin line to its done
// or failed line; or as PM2 and the kernel saw it, if the engine did not say.
type Deed struct {
	Action string
	ID     int           // pm_id, -1 if the action is about no worker or its worker is not on record
	PID    int           // 0 when neither line names one
	Begin  time.Duration // when its first line was said
	End    time.Duration // when its last line was said, 0 while it is open
	Told   string        // what the line that ends it says of it
	Failed bool
	Unsaid bool // seen, and not claimed
}

// claimSlack is how late the harness may read an engine's line about something
// the engine has already done.
const claimSlack = 250 * time.Millisecond

// openFor is how long a deed is held to go on that nobody says the end of: kill_timeout
// and listen_timeout of the fixtures, and some.
const openFor = 30 * time.Second

// computeEnd returns the time at which the deed is over; that of a deed without an end is
// openFor after its begin.
func (d Deed) computeEnd() time.Duration {
	if d.End == 0 {
		return d.Begin + openFor
	}
	return d.End
}

// isForAll reports whether the deed names no worker: it is about the whole app.
func (d Deed) isForAll() bool { return d.ID < 0 && d.PID == 0 }

// describeSubject names what the deed is about; id is that of the worker about which the
// sentence is.
func (d Deed) describeSubject(id int) string {
	switch {
	case d.isForAll():
		return "the app"
	case id >= 0:
		return fmt.Sprintf("worker %d", id)
	case d.ID >= 0:
		return fmt.Sprintf("worker %d", d.ID)
	}
	return fmt.Sprintf("pid %d", d.PID)
}

// Deeds are the engine's actions in the order of their beginning: those it claims,
// and those that were seen although it does not say so.
func Deeds(r *evidence.Record) []Deed {
	deeds := append(listClaimed(r), Unsaid(r)...)
	slices.SortStableFunc(deeds, func(a, b Deed) int { return cmp.Compare(a.Begin, b.Begin) })
	return deeds
}

// listClaimed returns the deeds of the engine's action lines, each paired from its begin
// line and its done line. A line may name its worker by id, by pid or by both; the record
// says which id a pid had. A done line without a begin line makes a deed of its own: the
// engine did say that it acted.
func listClaimed(r *evidence.Record) []Deed {
	var deeds []Deed
	for _, c := range r.Claims {
		if c.Type != "action" {
			continue
		}
		at := computeSaidAt(c)
		next := Deed{Action: c.Action, ID: c.ID, PID: c.PID, Begin: at}
		if c.ID < 0 && c.PID > 0 && c.Action != "scale" { // a scale that names a pid adds a worker
			next.ID = findWorkerID(r, c.PID)
		}
		if c.Phase == "begin" {
			deeds = append(deeds, next)
			continue
		}
		i := len(deeds) - 1
		for i >= 0 && (deeds[i].End != 0 || !deeds[i].isSameAction(next)) {
			i--
		}
		if i < 0 {
			deeds = append(deeds, next)
			i = len(deeds) - 1
		}
		deeds[i].End, deeds[i].Told, deeds[i].Failed = at, readReason(c), c.Phase == "failed"
		deeds[i].PID = cmp.Or(deeds[i].PID, c.PID) // a worker that was added has none before
	}
	return deeds
}

// isSameAction reports whether two lines are about one action.
func (d Deed) isSameAction(o Deed) bool {
	samePID := d.PID != 0 && d.PID == o.PID
	otherPID := d.PID != 0 && o.PID != 0 && !samePID
	return d.Action == o.Action && (samePID || (d.ID == o.ID && !(d.ID < 0 && otherPID)))
}

// findWorkerID returns the pm_id that a process had, -1 if no snapshot shows it.
func findWorkerID(r *evidence.Record, pid int) int {
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.PID == pid && pid != 0 {
				return w.ID
			}
		}
	}
	return -1
}

// findWorkerPID returns the pid of the process that a worker had at t, or else of the
// first that it had after t; 0 if no snapshot shows one.
func findWorkerPID(r *evidence.Record, id int, t time.Duration) (pid int) {
	for _, s := range r.Snapshots {
		for _, w := range s.Workers {
			if w.ID == id && w.Alive && (s.At <= t || pid == 0) {
				pid = w.PID
			}
		}
	}
	return pid
}

// readReason returns what an action's line gives as its reason ("why"), "" for none.
func readReason(c evidence.Claim) string {
	var own struct {
		Why string `json:"why"`
	}
	_ = json.Unmarshal(c.Raw, &own) // the decoder has read it before
	return own.Why
}

// readLate is how long after it was said a line may be read on a busy host.
const readLate = 2 * time.Second

// computeSaidAt returns when the engine said the claim: the time in the line itself, if
// it has one and was read soon after; else the time at which the line was read.
func computeSaidAt(c evidence.Claim) time.Duration {
	var own struct {
		At time.Duration `json:"at"`
	}
	if json.Unmarshal(c.Raw, &own) == nil && own.At <= c.At && own.At >= c.At-readLate {
		return own.At
	}
	return c.At
}

// Hits reports whether the deed explains that a worker's process went: it names
// the pid, or the worker id, and was under way at that moment.
func (d Deed) Hits(e evidence.Exit) bool {
	if d.Begin > e.At+claimSlack || d.computeEnd()+claimSlack < e.At {
		return false
	}
	return (d.PID != 0 && d.PID == e.PID) || (d.ID >= 0 && d.ID == e.ID)
}
