package remedy

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Want returns what the next observation must look at, by what is decided and by the facts.
// It is a pure function.
func Want(s State, facts diagnose.Facts) observe.Focus {
	w := facts.Focus()
	if len(s.Incidents) == 0 && !facts.AskedLately() {
		w.Answers = max(w.Answers, 1)
	}
	for _, in := range s.Incidents {
		w = follow(w, in, facts.Now)
	}
	w.Addresses = w.Addresses[:min(len(w.Addresses), diagnose.MaxServers)]
	return w
}

// follow returns w and what an open incident waits for.
func follow(w observe.Focus, in Incident, o observe.Observation) observe.Focus {
	w.Port = w.Port || in.Stage == StageHold && o.IsDeserted()
	switch in.Stage {
	case StagePage:
	case StageCanary, StageRest, StageVerify:
		w.Answers = 2 * len(o.Workers)
		w.Fast = true
	default:
		w.Fast = true
	}
	switch in.Diagnosis.Cause {
	case engine.PortForeign, engine.PortSibling:
		w.Port = true
	case engine.DependencyOutage, engine.RejectedBoot:
		if len(in.Diagnosis.PIDs) == 0 && in.Diagnosis.Cause == engine.RejectedBoot {
			break // its subject is no address
		}
		if _, known := o.FindKnown(in.Diagnosis.Subject); known {
			w.Addresses = slices.DeleteFunc(w.Addresses, func(a string) bool { return a == in.Diagnosis.Subject })
			w.Addresses = slices.Insert(w.Addresses, 0, in.Diagnosis.Subject)
		}
	}
	return w
}
