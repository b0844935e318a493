package observe

import (
	"cmp"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// ListComplaints are the errors that workers have named.
func ListComplaints(history []Observation) []Event {
	var said []Event
	for _, o := range history {
		for _, e := range o.Events {
			switch e.Kind {
			case KindError, KindException, KindPM2Log, KindLast:
				said = append(said, e)
			}
		}
	}
	return said
}

// ListLivePIDs lists the workers' processes.
func ListLivePIDs(workers []Worker) []int {
	var pids []int
	for _, r := range workers {
		if r.Alive {
			pids = append(pids, r.PID)
		}
	}
	return pids
}

// HasOrphanListener reports whether the daemon itself listens and the app has no process.
func (o Observation) HasOrphanListener() bool {
	return o.Port != nil && o.IsDeserted() &&
		slices.ContainsFunc(o.Port.Listeners, func(l Listener) bool { return l.PID == o.Daemon.PID && l.PID > 0 })
}

// IsDeserted reports whether no worker of the app has a process.
func (o Observation) IsDeserted() bool {
	return o.Daemon.Alive && len(o.Workers) > 0 && !slices.ContainsFunc(o.Workers, func(w Worker) bool { return w.Alive })
}

// SawServing reports whether a worker's process has taken a connection of the app's
// port: the kernel names who holds the other end, whatever was answered.
func (o Observation) SawServing(w Worker) bool {
	return w.Conns > 0 || slices.ContainsFunc(o.Answers, func(a Answer) bool { return a.PID == w.PID && w.PID > 0 && a.Status > 0 })
}

// FindWorker returns the row of a worker id.
func (o Observation) FindWorker(id int) (Worker, bool) {
	for _, w := range o.Workers {
		if w.ID == id {
			return w, true
		}
	}
	return Worker{}, false
}

// FindFile returns what became of a file that the app's processes have missed, false if nobody
// has looked for it.
func (o Observation) FindFile(m nodeerr.Missing) (File, bool) {
	for _, f := range o.Files {
		if f.Name == m.Name {
			return f, true
		}
	}
	return File{}, false
}

// IsStopped reports whether a worker had been stopped for good.
func (o Observation) IsStopped(id int) bool {
	w, ok := o.FindWorker(id)
	return ok && w.Status == "stopped" && w.PID == 0
}

// Words for what a worker really does, for people and for the guards.
const (
	DerivedServing = "serving"
	DerivedBooting = "booting"
	derivedBackoff = "backoff"
	derivedGaveUp  = "gave_up"
	DerivedStopped = "stopped"
	DerivedStalled = "stalled"
	derivedDead    = "dead"
)

// bootTime is how long a new process counts as booting when it has sent no
// heartbeat: Node's start, PM2's wrapper and the app's own requires.
const bootTime = 3 * time.Second

// DeriveState says what a worker really does at the time of the observation.
func (o Observation) DeriveState(w Worker, stall time.Duration) string {
	switch {
	case w.GaveUp:
		return derivedGaveUp
	case w.Status == "stopped" && w.PID == 0:
		return DerivedStopped
	case w.Status == "waiting restart" || (w.Status == "stopped" && !w.Alive):
		return derivedBackoff
	case !w.Alive:
		return derivedDead
	case w.State == "T":
		return DerivedStalled
	case w.Beats > 0 && o.At-w.Beat > stall:
		return DerivedStalled
	case w.Status == "launching" || w.Status == "stopping" || (w.Beats == 0 && o.At-w.Since < bootTime):
		return DerivedBooting
	}
	return DerivedServing
}

// MinBeats is how many heartbeats a process must have sent before its silence means
// anything: one that boots sends none.
const MinBeats = 3

// TouchesNone reports whether an action leaves every worker's process alone.
func TouchesNone(action string) bool {
	return action == engine.ActionReset || action == engine.ActionRelease
}

// Leader is the number that guards of scheduled work ask for.
const Leader = "0"

// numberVariable is the variable that has a worker's number, unless the app's file says
// another one (instance_var).
const numberVariable = "NODE_APP_INSTANCE"

// NumberVariable returns the variable that has the worker's number.
func (w Worker) NumberVariable() string { return cmp.Or(w.Variable, numberVariable) }
