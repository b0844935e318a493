package plan

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// ChooseFocus returns what the next observation must look at, by what is decided and by the facts.
// It is a pure function.
func ChooseFocus(s State, facts diagnose.Facts) observe.Focus {
	w := facts.Focus()
	for _, in := range s.Incidents {
		w = addIncident(w, in, facts.Now)
	}
	w.Addresses = w.Addresses[:min(len(w.Addresses), diagnose.MaxServers)]
	return w
}

// addIncident returns w and what an open incident waits for.
func addIncident(w observe.Focus, in Incident, o observe.Observation) observe.Focus {
	w.Port = w.Port || in.Stage == StageHold && o.IsDeserted()
	switch in.Stage {
	case StageEscalate:
	case StageCanary, StageRest, StageVerify:
		w.Answers = 2 * len(o.Workers)
		w.Fast = true
	default:
		w.Fast = true
	}
	switch t := findTreatment(in.Diagnosis.Cause); t.awaits {
	case needFreePort, needClosedPort:
		w.Port = true
	case needFile:
		if !slices.Contains(w.Files, in.Diagnosis.File) {
			w.Files = append(w.Files, in.Diagnosis.File)
		}
	case needServer:
		if len(in.Diagnosis.PIDs) == 0 && t.livesOn {
			break // its subject is no address
		}
		if _, known := o.FindKnown(in.Diagnosis.Subject); known {
			w.Addresses = slices.DeleteFunc(w.Addresses, func(a string) bool { return a == in.Diagnosis.Subject })
			w.Addresses = slices.Insert(w.Addresses, 0, in.Diagnosis.Subject)
		}
	}
	return w
}
