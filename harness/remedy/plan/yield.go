package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// heardWithin is how long after the engine's restart of a worker has ended PM2's command may say that
// it had stopped it before. Nobody has: it says so as soon as PM2 has answered.
const heardWithin = 5 * time.Second

// hasJustStarted reports whether the engine has brought a worker up a moment ago.
func (s *State) hasJustStarted(id int, at time.Duration) bool {
	since, ok := s.Started[id]
	return ok && at-since <= heardWithin
}

// noteStarted takes in that the engine's start of a worker has ended.
func (s *State) noteStarted(id int, at time.Duration) {
	s.Started[id] = at
	if s.Taken[id] {
		s.Owed[id] = at
	}
}

// releaseWorker leaves a worker to an operator who has used PM2's command on it. A
// restart of one that is stopped came before the engine's stop: PM2's command says so
// only when it has ended.
func (s *State) releaseWorker(e observe.Event, o observe.Observation) {
	stopped := e.Text == "stop" || e.Text == "delete"
	if stopped || !o.IsStopped(e.ID) {
		delete(s.Held, e.ID)
	}
	switch {
	case !stopped:
		delete(s.Owed, e.ID)
		delete(s.Taken, e.ID)
	case s.Busy[e.ID] != "":
		s.Taken[e.ID] = true
	case s.hasJustStarted(e.ID, o.At):
		s.Owed[e.ID] = o.At
	}
}

// Yield returns the stops that the state owes to operators, and the state in which they are under
// way.
func Yield(s State, o observe.Observation) (State, []Decision) {
	d := decider{s: s.clone(), o: o}
	d.yield()
	return d.s, d.out
}

// yield stops again what an operator has stopped while the engine was starting it. PM2 does what it
// is told last, and its command says only afterwards what it did: a stop that comes between the two
// parts of the engine's own restart (act.Executor), or between a drain and the restart after it, is
// known when the worker is up again.
func (d *decider) yield() {
	for _, id := range slices.Sorted(maps.Keys(d.s.Owed)) {
		w, ok := d.o.FindWorker(id)
		switch {
		case d.s.Busy[id] != "" || !d.o.Daemon.Alive || d.o.Paused || d.o.At <= d.s.Owed[id]: // PM2's list is older than what was heard since
		case !ok || d.isDown(w):
			delete(d.s.Owed, id)
		default:
			delete(d.s.Owed, id)
			d.s.Busy[id], d.s.Taken[id] = engine.ActionStop, true
			d.say(Decision{
				Kind: Act, Action: engine.ActionStop, ID: id, PID: w.PID, Yields: true,
				Why: "an operator has stopped it while the engine was starting it",
			})
		}
	}
}
