package alert

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// action is an action, done or withheld, with the incident it was for.
type action struct {
	cause   engine.Cause
	subject string
	engine.Taken
}

// NoteAction keeps an action for the incident's alerts.
func (k *Desk) NoteAction(d plan.Decision, result, why string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.actions = append(k.actions, action{d.Cause, d.Subject, engine.Taken{At: time.Now().UTC(), Action: d.Action, ID: d.WorkerID(), Result: result, Why: why}})
	k.actions = k.actions[max(0, len(k.actions)-maxKept):]
}

// listTaken lists the actions of an incident, in order. The caller holds k.mu.
func (k *Desk) listTaken(f diagnose.Diagnosis) []engine.Taken {
	out := []engine.Taken{}
	for _, t := range k.actions {
		if t.cause == f.Cause && t.subject == f.Subject {
			out = append(out, t.Taken)
		}
	}
	return out
}

// Forget drops the actions of an incident that is over.
func (k *Desk) Forget(d plan.Decision) {
	k.mu.Lock()
	defer k.mu.Unlock()
	kept := k.actions[:0]
	for _, t := range k.actions {
		if t.cause != d.Cause || t.subject != d.Subject {
			kept = append(kept, t)
		}
	}
	k.actions = kept
	delete(k.before, computeFingerprint(k.sender.App, d.Diagnosis))
	delete(k.chained, computeFingerprint(k.sender.App, d.Diagnosis))
}
