package remedy

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// page leaves the cause to people and waits for them. Workers that PM2 would
// start and lose for ever are stopped meanwhile, on loan: a loop burns CPU that those who
// serve need.
func (d *decider) page(in *Incident) {
	switch {
	case len(d.lent(in)) > 0 && d.released(in):
		d.start(in, "what kept it from starting is seen to be over: one worker first")
		return
	case d.lend(in):
		return
	}
	if d.seen(in) {
		if futile(in.Diagnosis.Cause) {
			d.halt(in, "every start ends the same way")
		}
		id := 0
		if len(in.IDs) > 0 {
			id = in.IDs[0]
		}
		d.withhold(in, engine.ActionRestart, id, pageOnly(in.Diagnosis.Cause))
		return
	}
	if d.o.Daemon.Alive && d.allServing() && d.o.At-in.Seen >= lapse(in.Diagnosis.Cause) {
		in.enter(StageVerify, d.o.At)
	}
}

// lapse is how long a cause must not have been diagnosed for it to seem over. Of a job
// one tick that comes late, on a busy host, makes several look uneven.
func lapse(c engine.Cause) time.Duration {
	if c == engine.EverybodyLeads {
		return 20 * time.Second
	}
	return 0
}

// futile reports whether a worker that dies of a cause dies of it at every start.
func futile(c engine.Cause) bool { return c == engine.BootCrash || c == engine.PortSibling }

// pageOnly says why a cause is left to people.
func pageOnly(c engine.Cause) string {
	switch c {
	case engine.DependencyOutage:
		return "nothing but its log, or its settings, says that it needs that server, and PM2 goes on starting it"
	case engine.RejectedBoot:
		return "every new process would stop short of listening in the same way"
	case engine.PortSelf:
		return "the code listens twice: every new process dies the same way"
	case engine.PortSibling:
		return "one worker has the port, and any other dies of that"
	case engine.Serialisation:
		return "PM2 has started it again, and the next such request kills it again: only the code can change that"
	case engine.BootCrash:
		return "every new process dies of the same error"
	case engine.EverybodyLeads:
		return "every new process would do the same: only the code can leave the job to one"
	case engine.DaemonDead:
		return "there is no daemon to ask, and starting another one is for people to decide"
	}
	return "the engine does not know what is wrong, and a restart would destroy evidence"
}
