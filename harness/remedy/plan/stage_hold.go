package plan

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// hold stops the workers that crash in a loop, so that PM2 does not burn CPU on
// starting what must die (nor gives them up), and waits for what they need.
func (d *decider) hold(in *Incident) {
	if d.isReleased(in) {
		why := in.Diagnosis.Subject + " is there again: one worker first"
		if in.Diagnosis.Subject == Adopted {
			why = "an earlier run of the engine has stopped it, and nobody has tried since whether it can live: one worker first"
		}
		d.start(in, why)
		return
	}
	if d.lend(in) {
		return
	}
	if first := chooseFirstStage(in.Diagnosis); first != StageHold && len(d.listDown(in)) == 0 && !d.s.isBusy(in) {
		d.goOn(in, first)
		return
	}
	if d.isSeen(in) && len(in.Diagnosis.Dying) == 0 && len(d.listDown(in)) == 0 && !d.s.isBusy(in) {
		d.withhold(in, engine.ActionRestart, in.IDs[0], "the workers live: a restart cannot bring "+in.Diagnosis.Subject+" back")
		return
	}
	d.halt(in, "it dies at every start while "+in.Diagnosis.Subject+" is not there for it")
	d.closeOrphanPort(in)
}

// goOn takes an incident up again whose workers were down for something else, and are not by now.
func (d *decider) goOn(in *Incident, first string) {
	if !d.isSeen(in) {
		first = StageVerify
	}
	in.enter(first, d.o.At)
}

// halt stops the workers that are dying as of now.
func (d *decider) halt(in *Incident, why string) {
	for _, id := range in.Diagnosis.Dying {
		w, ok := d.o.FindWorker(id)
		if !ok || d.isDown(w) || d.s.Busy[id] != "" || !d.isSeen(in) || d.o.At < d.s.Refused[id].until {
			continue
		}
		d.tryAction(in, engine.ActionStop, id, 0, why)
	}
}

// isDown reports whether PM2 leaves a worker alone: stopped, or given up.
func (d *decider) isDown(w observe.Worker) bool {
	return w.GaveUp || (w.Status == "stopped" && w.PID == 0)
}

// isReleased reports whether what an incident's workers wait for is there.
func (d *decider) isReleased(in *Incident) bool {
	if in.Diagnosis.Subject == Adopted {
		return true
	}
	switch findTreatment(in.Diagnosis.Cause).awaits {
	case needFreePort:
		_, foreign := d.o.FindForeign()
		return d.o.Port != nil && !foreign
	case needClosedPort:
		return d.o.Port != nil && !slices.ContainsFunc(d.o.Port.Listeners, func(l observe.Listener) bool { return l.Ours })
	case needServer:
		i := slices.IndexFunc(d.o.Probes, func(p observe.Probe) bool { return p.Address == in.Diagnosis.Subject })
		return i >= 0 && d.o.Probes[i].OK
	case needFile:
		f, looked := d.o.FindFile(in.Diagnosis.File)
		return looked && f.There
	}
	return false
}

// listWaiting lists the incident's workers that nobody but the engine brings back.
func (d *decider) listWaiting(in *Incident) []int {
	out := d.listDown(in)
	for _, id := range in.IDs {
		if d.findNotListening(in, id) > 0 {
			out = append(out, id)
		}
	}
	return out
}

// findNotListening returns the pid of a worker that lives and will never listen, else 0. One
// that answers is not, nor is any while the app waits for its server and is
// listening by now: it has retried without a word.
func (d *decider) findNotListening(in *Incident, id int) int {
	i := slices.Index(in.Diagnosis.IDs, id)
	w, ok := d.o.FindWorker(id)
	if !findTreatment(in.Diagnosis.Cause).livesOn || !ok || i < 0 || i >= len(in.Diagnosis.PIDs) {
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

// listDown lists the incident's workers that have no process and get none.
func (d *decider) listDown(in *Incident) []int {
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
