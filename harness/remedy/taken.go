package remedy

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// taken is an action, done or withheld, with the incident it was for.
type taken struct {
	cause   engine.Cause
	subject string
	engine.Taken
}

// note keeps an action for the incident's alerts.
func (r *runner) note(d plan.Decision, result, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken = append(r.taken, taken{d.Cause, d.Subject, engine.Taken{At: time.Now().UTC(), Action: d.Action, ID: d.WorkerID(), Result: result, Why: why}})
	r.taken = r.taken[max(0, len(r.taken)-maxKept):]
}

// takenFor lists the actions of an incident, in order. The caller holds r.mu.
func (r *runner) takenFor(f diagnose.Diagnosis) []engine.Taken {
	out := []engine.Taken{}
	for _, t := range r.taken {
		if t.cause == f.Cause && t.subject == f.Subject {
			out = append(out, t.Taken)
		}
	}
	return out
}

// forget drops the actions of an incident that is over.
func (r *runner) forget(d plan.Decision) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := r.taken[:0]
	for _, t := range r.taken {
		if t.cause != d.Cause || t.subject != d.Subject {
			kept = append(kept, t)
		}
	}
	r.taken = kept
	delete(r.before, fingerprint(r.cfg.App, d.Diagnosis))
}
