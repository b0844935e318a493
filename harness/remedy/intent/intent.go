// Package intent keeps on disk what the engine is about to do to a worker that leaves it
// out of service: a stop, a drain. It is written before the worker is touched, so that an
// engine that is killed finds it again and does not take its own work for an operator's.
//
//	Begin (on disk) ──> the action ──> End ──> Keep: held workers stay on record,
//	                                           what is over goes
//
// What an engine finds on its start is compared with PM2's list, see Fate.
package intent

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Intent is one action on one process of a worker.
type Intent struct {
	ID      int          `json:"id"`               // pm_id
	Unique  string       `json:"unique,omitempty"` // PM2's unique_id of the row
	PID     int          `json:"pid,omitempty"`    // 0 when it had no process
	Start   uint64       `json:"start,omitempty"`  // start time of the process, in clock ticks since boot
	Started time.Time    `json:"started,omitzero"` // PM2's pm_uptime: when it forked the process
	Action  string       `json:"action"`           // engine.Action...
	Cause   engine.Cause `json:"cause,omitempty"`  // none of what an operator asked for
	Dedupe  string       `json:"dedupe,omitempty"` // of the incident's alert
	At      time.Time    `json:"at"`               // wall clock, as PM2's times are
	Rows    []int        `json:"rows,omitempty"`   // of a spare worker: the ids of the app's workers before it was added
	Earlier bool         `json:"-"`                // an earlier run of the engine wrote it
}

// Of describes an action on a worker as PM2 lists it now.
func Of(p pm2.Process, action string, cause engine.Cause, dedupe string, at time.Time) Intent {
	in := Intent{ID: p.ID, Unique: p.Unique, PID: p.PID, Started: p.StartedAt, Action: action, Cause: cause, Dedupe: dedupe, At: at}
	if proc, err := host.Stat(p.PID); p.PID > 0 && err == nil {
		in.Start = proc.Start
	}
	return in
}

// Spare is the ID of the intent to add a worker for the time of a roll, whose own id nobody
// knows before.
const Spare = -2

// FindSpare returns the worker that an intent to add one has added, among the app's rows, and how
// many are new: of several, nobody knows which it is.
func (in Intent) FindSpare(rows []pm2.Process) (spare pm2.Process, added int) {
	for _, p := range rows {
		if !slices.Contains(in.Rows, p.ID) {
			spare, added = p, added+1
		}
	}
	return spare, added
}

// Late reports whether PM2 has had time enough to do what it may have been told.
func (in Intent) Late(now time.Time) bool { return !in.isFresh(now) }

// isFresh reports whether PM2 may still be about to begin what it was told. A note from the future is
// not fresh: somebody has set the clock back.
func (in Intent) isFresh(now time.Time) bool {
	since := now.Sub(in.At)
	return since >= 0 && since < late
}

// Fate is what has become of a worker that an earlier run was about to act on.
type Fate string

// The fates.
const (
	Over    Fate = "over"    // somebody has started it since, or it is not there any more
	Down    Fate = "down"    // it is stopped, and nobody has started it since: the engine's doing
	Same    Fate = "same"    // the process of then still runs
	Passing Fate = "passing" // PM2 is in the midst of it: look again
)

// slack is how long after the note of a stop PM2 may have started a process that the stop
// ended: its own restart of a crashing worker may come between the two.
const slack = 2 * time.Second

// computeSlack returns how long after the note of the intent PM2 may have started a
// process that the action ended. A worker that the engine starts again is down before: a
// process that is younger than the note is the one that the engine wanted, and somebody
// else stopped it.
func (in Intent) computeSlack() time.Duration {
	if in.Action == engine.ActionRestart {
		return 0
	}
	return slack
}

// late is how long PM2 may take to begin what it was told to do: it puts a stop off while a
// process has not come online (God/ActionMethods.js:301), and may be busy.
const late = 15 * time.Second

// Fate compares an intent with the worker's row at a time, if there is one. lives says
// whether a process of that pid and start time runs.
func (in Intent) Fate(p pm2.Process, found, lives bool, now time.Time) Fate {
	switch {
	case !found, in.Unique != "" && p.Unique != in.Unique, in.wasStarted(p):
		return Over
	case p.PID > 0 && p.PID == in.PID && lives && p.State() != pm2.Ending:
		if in.mayStop() && in.isFresh(now) {
			return Passing
		}
		return Same
	}
	switch p.State() {
	case pm2.StoppedNow, pm2.GaveUp:
		return Down
	case pm2.Ending, pm2.Backoff, pm2.Unclear:
		return Passing
	}
	return Over
}

// wasStarted reports whether PM2 has started another process since the note, by its own clock: later than
// the note, or, where the clock was set back, earlier than the process that was noted.
func (in Intent) wasStarted(p pm2.Process) bool {
	return p.StartedAt.After(in.At.Add(in.computeSlack())) || p.StartedAt.Before(in.Started)
}

// mayStop reports whether PM2 may have been told to end the process.
func (in Intent) mayStop() bool {
	return in.Action == engine.ActionStop || in.Action == engine.ActionRestart
}

// Lives reports whether the process of the intent runs.
func (in Intent) Lives() bool {
	p, err := host.Stat(in.PID)
	return in.PID > 0 && err == nil && p.Start == in.Start && p.State != 'Z' && p.State != 'X'
}
