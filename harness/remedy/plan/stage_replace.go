package plan

import (
	"fmt"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// kill ends a process that cannot end itself. SIGTERM is useless: nothing in the
// process would act on it.
func (d *decider) kill(in *Incident) {
	switch {
	case in.Tried:
		in.enter(StageRespawn, d.o.At)
	case d.s.isBusy(in):
	case !d.isSeen(in):
		in.enter(StageVerify, d.o.At) // it came back by itself
	default:
		d.tryAction(in, engine.ActionKill, in.Diagnosis.IDs[0], in.Diagnosis.PIDs[0], "it cannot act on a gentler request")
	}
}

// replace has a worker that serves drained and replaced by another one.
func (d *decider) replace(in *Incident) {
	switch {
	case in.Tried:
		in.enter(StageVerify, d.o.At)
	case d.s.isBusy(in), d.o.At < in.NotBefore:
	case !d.isSeen(in):
		in.enter(StageVerify, d.o.At)
	default:
		d.tryAction(in, engine.ActionReplace, in.Diagnosis.IDs[0], in.Diagnosis.PIDs[0], findTreatment(in.Diagnosis.Cause).replace)
	}
}

// respawn waits for PM2 to start the worker anew, and does so itself when PM2
// does not in time (a restart delay, a stop exit code).
func (d *decider) respawn(in *Incident) {
	id := in.Diagnosis.IDs[0]
	w, ok := d.o.FindWorker(id)
	switch {
	case !ok:
		in.enter(StageVerify, d.o.At)
	case d.s.Busy[id] != "":
	case w.Alive && w.PID != in.Diagnosis.PIDs[0]:
		in.enter(StageVerify, d.o.At)
	case d.o.At-in.Since > d.limits.Respawn && !in.Tried:
		in.Tried = true
		d.tryAction(in, engine.ActionRestart, id, 0, fmt.Sprintf("PM2 has not started it again within %s", d.limits.Respawn))
	}
}
