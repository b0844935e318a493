package promise

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Deed is one action: as the engine claims it, from its begin line to its done
// or failed line; or as PM2 and the kernel saw it, if the engine did not say.
type Deed struct {
	Action string
	ID     int           // pm_id, -1 when the line names none
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

// Deeds are the engine's actions in the order of their beginning: those it claims,
// and those that were seen although it does not say so.
func Deeds(r *evidence.Record) []Deed {
	deeds := append(claimed(r), Unsaid(r)...)
	slices.SortStableFunc(deeds, func(a, b Deed) int { return cmp.Compare(a.Begin, b.Begin) })
	return deeds
}

// claimed pairs the engine's action lines. A done line without a begin line
// makes a deed of its own: the engine did say that it acted.
func claimed(r *evidence.Record) []Deed {
	var deeds []Deed
	for _, c := range r.Claims {
		if c.Type != "action" {
			continue
		}
		at := said(c)
		if c.Phase == "begin" {
			deeds = append(deeds, Deed{Action: c.Action, ID: c.ID, PID: c.PID, Begin: at})
			continue
		}
		i := len(deeds) - 1
		for i >= 0 && (deeds[i].End != 0 || deeds[i].Action != c.Action || deeds[i].ID != c.ID) {
			i--
		}
		if i < 0 {
			deeds = append(deeds, Deed{Action: c.Action, ID: c.ID, PID: c.PID, Begin: at})
			i = len(deeds) - 1
		}
		deeds[i].End, deeds[i].Told, deeds[i].Failed = at, words(c), c.Phase == "failed"
		deeds[i].PID = cmp.Or(deeds[i].PID, c.PID) // a worker that was added has none before
	}
	return deeds
}

// words is what an action's line says besides.
func words(c evidence.Claim) string {
	var own struct {
		Why string `json:"why"`
	}
	_ = json.Unmarshal(c.Raw, &own) // the decoder has read it before
	return own.Why
}

// readLate is how long after it was said a line may be read on a busy host.
const readLate = 2 * time.Second

// said is when the engine said it: its own word for that, if the line has one and
// it was read soon after.
func said(c evidence.Claim) time.Duration {
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
	if d.Begin > e.At+claimSlack || (d.End != 0 && d.End+claimSlack < e.At) {
		return false
	}
	if d.PID == e.PID {
		return true
	}
	return d.ID >= 0 && d.ID == e.ID
}
