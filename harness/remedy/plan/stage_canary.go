package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// start begins to bring the workers back, with one as canary. Why says what has changed.
func (d *decider) start(in *Incident, why string) {
	if d.s.isBusy(in) || d.o.At < in.NotBefore {
		return
	}
	waiting := d.listWaiting(in)
	if len(waiting) == 0 {
		in.enter(StageVerify, d.o.At)
		return
	}
	if d.tryAction(in, engine.ActionRestart, waiting[0], d.findNotListening(in, waiting[0]), why) {
		in.enter(StageCanary, d.o.At)
		in.Canary, in.NotBefore, in.Trial = waiting[0], 0, false
	}
}

// watchCanary waits until the first worker serves, then starts the others; if it dies or
// does not serve in time, the engine stops it again and waits longer.
func (d *decider) watchCanary(in *Incident) {
	w, ok := d.o.FindWorker(in.Canary)
	// While its start has not returned, nobody can stop it: PM2 before 7 answers after
	// listen_timeout where a worker with wait_ready dies at every start.
	busy := d.s.Busy[in.Canary] != ""
	switch {
	case !ok:
		in.enter(in.chooseBase(), d.o.At)
	case in.NotBefore < 0:
		d.retreat(in, "")
	case !in.Tried && findTreatment(in.Diagnosis.Cause).livesOn: // its old process is asked to end
	case !busy && d.hasDied(in.Canary, in.Since):
		d.retreat(in, "it died again")
	case !busy && d.wasRejected(in.Canary, in.Since):
		d.retreat(in, "its start was rejected again")
	case !in.Tried:
	case d.isServing(w):
		in.enter(StageRest, d.o.At)
		d.startRest(in)
	case d.o.At-in.Since > d.computePatience(in):
		d.retreat(in, fmt.Sprintf("it did not serve within %s", d.computePatience(in)))
	}
}

// retreat sets the time of the next attempt, and takes the canary down if there
// is a reason to.
func (d *decider) retreat(in *Incident, why string) {
	in.Attempts++
	if in.Trial {
		in.Trials++
		in.Due = d.o.At + d.computeGap(in)
	} else {
		in.NotBefore = d.o.At + d.computeRetry(in)
	}
	canary := in.Canary
	in.enter(in.chooseBase(), d.o.At)
	if w, ok := d.o.FindWorker(canary); ok && why != "" && !d.isDown(w) && d.s.Busy[canary] == "" {
		d.tryAction(in, engine.ActionStop, canary, 0, why)
	}
}

// hasDied reports whether PM2 saw a worker's process end by itself.
func (d *decider) hasDied(id int, since time.Duration) bool {
	for _, e := range d.o.Events {
		if e.ID == id && e.At > since && (e.Kind == observe.KindExit || e.Kind == observe.KindOverlimit) {
			return true
		}
	}
	w, ok := d.o.FindWorker(id)
	return ok && d.s.Busy[id] == "" && (w.GaveUp || (w.Status == "waiting restart") || (!w.Alive && d.o.At-since > time.Second))
}

// wasRejected reports whether PM2 has caught what a worker's start was rejected with: a
// server may be there and not ready yet.
func (d *decider) wasRejected(id int, since time.Duration) bool {
	return slices.ContainsFunc(d.o.Events, func(e observe.Event) bool {
		return e.ID == id && e.At > since && e.Kind == observe.KindError && strings.Contains(e.Text, nodeerr.Caught)
	})
}

// isServing reports whether a worker answered the health URL just now. Where the
// kernel does not say who answered, a good answer counts when no other worker
// could have given it.
func (d *decider) isServing(w observe.Worker) bool {
	others := 0
	for _, o := range d.o.Workers {
		if o.ID != w.ID && o.Alive {
			others++
		}
	}
	for _, a := range d.o.Answers {
		if d.s.isUsual(a) && (a.PID == w.PID || (a.PID == 0 && others == 0)) {
			return w.Alive
		}
	}
	return false
}

// startRest starts every other worker at once: the canary has shown that they can live.
func (d *decider) startRest(in *Incident) {
	if in.NotBefore < 0 {
		d.retreat(in, "")
		return
	}
	if d.s.isBusy(in) {
		return
	}
	waiting := d.listWaiting(in)
	for _, id := range waiting {
		d.tryAction(in, engine.ActionRestart, id, d.findNotListening(in, id), fmt.Sprintf("worker %d serves", in.Canary))
	}
	if len(waiting) == 0 {
		in.enter(StageVerify, d.o.At)
	}
}
