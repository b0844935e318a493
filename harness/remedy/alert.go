package remedy

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// incident is what an alert is about.
type incident struct {
	diagnose.Diagnosis
	opened, seen time.Duration // when it was first and last diagnosed
	next         string        // what the engine does next
	unsaid       int           // incidents of the same that were not alerted of
}

// alertOf builds the alert of an incident from what is known now.
func (r *runner) alertOf(status string, in incident) engine.Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, actions := r.latest, r.takenFor(in.Diagnosis)
	return engine.Alert{
		Engine: Name, Host: r.notes.host, Sent: time.Now().UTC(), Namespace: r.cfg.Namespace, Status: status, App: r.cfg.App, Cause: in.Cause, Confidence: in.Confidence,
		Evidence: in.Evidence, RuledOut: in.RuledOut, FirstSeen: wall(in.opened), LastSeen: wall(in.seen),
		Workers: workersOf(o, r.limits, r.before[fingerprint(r.cfg.App, in.Diagnosis)], r.cfg.Port), Actions: actions, Timeline: timeline(r.past),
		Human: in.Human, Next: in.next, Undo: undoing(actions, r.past), Suppressed: in.unsaid, Drift: in.Drift,
		Daemon: engine.Daemon{PID: o.Daemon.PID, Version: o.Daemon.Version},
		Logs:   errorLines(r.past), Dedupe: r.keyOf(in.Cause, in.Subject),
	}
}

// wall turns a moment of the monotonic clock into a time for people.
func wall(at time.Duration) time.Time { return time.Now().Add(at - host.Now()).UTC() }

// fingerprint is the same for the same trouble of the same app.
func fingerprint(app string, f diagnose.Diagnosis) string {
	sum := sha256.Sum256([]byte(app + "\x00" + string(f.Cause) + "\x00" + nodeerr.Normalise(f.Subject)))
	return hex.EncodeToString(sum[:8])
}

// incidentOf returns the incident that a decision is about.
func incidentOf(d plan.Decision) incident {
	return incident{Diagnosis: d.Diagnosis, opened: d.Opened, seen: d.Seen, next: d.Next, unsaid: d.Suppressed}
}
