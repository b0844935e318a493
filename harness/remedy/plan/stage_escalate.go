package plan

import (
	"github.com/pm2drill/pm2drill/harness/engine"
)

// escalate leaves the cause to people and waits for them. Workers that PM2 would
// start and lose for ever are stopped meanwhile, on loan: a loop burns CPU that those who
// serve need.
func (d *decider) escalate(in *Incident) {
	switch {
	case len(d.listLent(in)) > 0 && d.isReleased(in):
		d.start(in, "what kept it from starting is seen to be over: one worker first")
		return
	case d.lend(in):
		return
	}
	if d.isSeen(in) {
		if findTreatment(in.Diagnosis.Cause).futile {
			d.halt(in, "every start ends the same way")
		}
		id := 0
		if len(in.IDs) > 0 {
			id = in.IDs[0]
		}
		d.withhold(in, engine.ActionRestart, id, findTreatment(in.Diagnosis.Cause).escalate)
		return
	}
	if d.o.Daemon.Alive && d.areAllServing() && d.o.At-in.Seen >= findTreatment(in.Diagnosis.Cause).quietPeriod {
		in.enter(StageVerify, d.o.At)
	}
}
