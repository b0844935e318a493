package remedy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// hold stops the workers that crash in a loop, so that PM2 does not burn CPU on
// starting what must die (nor gives them up), and waits for what they need.
func (d *decider) hold(in *Incident) {
	if d.released(in) {
		d.start(in, in.Diagnosis.Subject+" is there again: one worker first")
		return
	}
	if d.lend(in) {
		return
	}
	if d.seen(in) && len(in.Diagnosis.Dying) == 0 && len(d.downed(in)) == 0 && !d.s.busy(in) {
		d.withhold(in, engine.ActionRestart, in.IDs[0], "the workers live: a restart cannot bring "+in.Diagnosis.Subject+" back")
		return
	}
	d.halt(in, "it dies at every start while "+in.Diagnosis.Subject+" is not there for it")
	d.unghost(in)
}

// halt stops the workers that are dying as of now.
func (d *decider) halt(in *Incident, why string) {
	for _, id := range in.Diagnosis.Dying {
		w, ok := d.o.FindWorker(id)
		if !ok || d.down(w) || d.s.Busy[id] != "" || !d.seen(in) {
			continue
		}
		d.act(in, engine.ActionStop, id, 0, why)
	}
}

// down reports whether PM2 leaves a worker alone: stopped, or given up.
func (d *decider) down(w observe.Worker) bool {
	return w.GaveUp || (w.Status == "stopped" && w.PID == 0)
}

// released reports whether what an incident's workers wait for is there.
func (d *decider) released(in *Incident) bool {
	switch {
	case in.Diagnosis.Subject == adopted:
		return true
	case in.Diagnosis.Cause == engine.PortForeign:
		if d.o.Port == nil {
			return false
		}
		_, foreign := d.o.FindForeign()
		return !foreign
	case in.Diagnosis.Cause == engine.PortSibling:
		return d.o.Port != nil && !slices.ContainsFunc(d.o.Port.Listeners, func(l observe.Listener) bool { return l.Ours })
	}
	for _, p := range d.o.Probes {
		if p.Address == in.Diagnosis.Subject {
			return p.OK
		}
	}
	return false
}

// waiting lists the incident's workers that nobody but the engine brings back.
func (d *decider) waiting(in *Incident) []int {
	out := d.downed(in)
	for _, id := range in.IDs {
		if d.deaf(in, id) > 0 {
			out = append(out, id)
		}
	}
	return out
}

// deaf returns the pid of a worker that lives and will never listen, else 0. One
// that answers is not, nor is any while the app waits for its server and is
// listening by now: it has retried without a word.
func (d *decider) deaf(in *Incident, id int) int {
	i := slices.Index(in.Diagnosis.IDs, id)
	w, ok := d.o.FindWorker(id)
	if in.Diagnosis.Cause != engine.RejectedBoot || !ok || i < 0 || i >= len(in.Diagnosis.PIDs) {
		return 0
	}
	pid := in.Diagnosis.PIDs[i]
	listening := in.Stage == StageHold && d.o.Port != nil && len(d.o.Port.Listeners) > 0
	answers := slices.ContainsFunc(d.o.Answers, func(a observe.Answer) bool { return a.Good() && a.PID == pid })
	if !w.Alive || w.PID != pid || listening || answers {
		return 0
	}
	return pid
}

// downed lists the incident's workers that have no process and get none.
func (d *decider) downed(in *Incident) []int {
	var out []int
	for _, id := range in.IDs {
		w, ok := d.o.FindWorker(id)
		_, held := d.s.Held[id]
		if ok && (held || w.GaveUp) {
			out = append(out, id)
		}
	}
	return out
}

// start begins to bring the workers back, with one as canary. Why says what has changed.
func (d *decider) start(in *Incident, why string) {
	if d.s.busy(in) || d.o.At < in.NotBefore {
		return
	}
	waiting := d.waiting(in)
	if len(waiting) == 0 {
		in.enter(StageVerify, d.o.At)
		return
	}
	if d.act(in, engine.ActionRestart, waiting[0], d.deaf(in, waiting[0]), why) {
		in.enter(StageCanary, d.o.At)
		in.Canary, in.NotBefore, in.Loan = waiting[0], 0, false
	}
}

// canary waits until the first worker serves, then starts the others; if it dies
// or does not serve in time, the engine stops it again and waits longer.
func (d *decider) canary(in *Incident) {
	w, ok := d.o.FindWorker(in.Canary)
	switch {
	case !ok:
		in.enter(in.base(), d.o.At)
	case in.NotBefore < 0:
		d.retreat(in, "")
	case !in.Tried && in.Diagnosis.Cause == engine.RejectedBoot: // its old process is asked to end
	case d.died(in.Canary, in.Since):
		d.retreat(in, "it died again")
	case d.rejected(in.Canary, in.Since):
		d.retreat(in, "its start was rejected again")
	case !in.Tried:
	case d.serves(w):
		in.enter(StageRest, d.o.At)
		d.rest(in)
	case d.o.At-in.Since > d.patience(in):
		d.retreat(in, fmt.Sprintf("it did not serve within %s", d.patience(in)))
	}
}

// retreat sets the time of the next attempt, and takes the canary down if there
// is a reason to.
func (d *decider) retreat(in *Incident, why string) {
	in.Attempts++
	if in.Loan {
		in.Lent++
		in.Due = d.o.At + d.gap(in)
	} else {
		in.NotBefore = d.o.At + d.again(in)
	}
	canary := in.Canary
	in.enter(in.base(), d.o.At)
	if w, ok := d.o.FindWorker(canary); ok && why != "" && !d.down(w) && d.s.Busy[canary] == "" {
		d.act(in, engine.ActionStop, canary, 0, why)
	}
}

// died reports whether PM2 saw a worker's process end by itself.
func (d *decider) died(id int, since time.Duration) bool {
	for _, e := range d.o.Events {
		if e.ID == id && e.At > since && (e.Kind == observe.KindExit || e.Kind == observe.KindOverlimit) {
			return true
		}
	}
	w, ok := d.o.FindWorker(id)
	return ok && d.s.Busy[id] == "" && (w.GaveUp || (w.Status == "waiting restart") || (!w.Alive && d.o.At-since > time.Second))
}

// rejected reports whether PM2 has caught what a worker's start was rejected with: a
// server may be there and not ready yet.
func (d *decider) rejected(id int, since time.Duration) bool {
	return slices.ContainsFunc(d.o.Events, func(e observe.Event) bool {
		return e.ID == id && e.At > since && e.Kind == observe.KindError && strings.Contains(e.Text, nodeerr.Caught)
	})
}

// serves reports whether a worker answered the health URL just now. Where the
// kernel does not say who answered, a good answer counts when no other worker
// could have given it.
func (d *decider) serves(w observe.Worker) bool {
	others := 0
	for _, o := range d.o.Workers {
		if o.ID != w.ID && o.Alive {
			others++
		}
	}
	for _, a := range d.o.Answers {
		if a.IsUsual(d.s.Normal) && (a.PID == w.PID || (a.PID == 0 && others == 0)) {
			return w.Alive
		}
	}
	return false
}

// rest starts every other worker at once: the canary has shown that they can live.
func (d *decider) rest(in *Incident) {
	if in.NotBefore < 0 {
		d.retreat(in, "")
		return
	}
	if d.s.busy(in) {
		return
	}
	waiting := d.waiting(in)
	for _, id := range waiting {
		d.act(in, engine.ActionRestart, id, d.deaf(in, id), fmt.Sprintf("worker %d serves", in.Canary))
	}
	if len(waiting) == 0 {
		in.enter(StageVerify, d.o.At)
	}
}
