package alert

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Incident is what an alert is about.
type Incident struct {
	diagnose.Diagnosis
	Began        engine.Symptom // the symptom that it began as, if it did
	Opened, Seen time.Duration  // when it was first and last diagnosed
	Next         string         // what the engine does next
	Approve      string         // URL by which people permit what the engine asks, if there is one
	Suppressed   int            // incidents of the same that were not alerted of
}

// build builds the alert of an incident from what is known now.
func (k *Desk) build(status string, in Incident) engine.Alert {
	k.mu.Lock()
	defer k.mu.Unlock()
	o, actions := k.latest, k.listTaken(in.Diagnosis)
	return engine.Alert{
		Engine: k.sender.Engine, Host: k.sender.Host, Sent: time.Now().UTC(), Namespace: k.sender.Namespace, Status: status, App: k.sender.App, Cause: in.Cause, Symptom: cmp.Or(in.Symptom, in.Began), Confidence: in.Confidence,
		Evidence: in.Evidence, RuledOut: in.RuledOut, FirstSeen: computeWallTime(in.Opened), LastSeen: computeWallTime(in.Seen),
		Workers: listWorkers(recallWorkers(o, k.past), k.sender.Stall, k.before[computeFingerprint(k.sender.App, in.Diagnosis)], k.sender.Port), Actions: actions, Timeline: buildTimeline(k.past),
		Human: in.Human, Next: in.Next, Approve: in.Approve, Undo: explainUndo(actions, k.past), Suppressed: in.Suppressed, Drift: in.Drift,
		Daemon: engine.Daemon{PID: o.Daemon.PID, Version: o.Daemon.Version},
		Logs:   listErrorLines(k.past), Dedupe: k.findKey(in.Cause, in.Subject),
	}
}

// computeWallTime turns a moment of the monotonic clock into a time for people.
func computeWallTime(at time.Duration) time.Time { return time.Now().Add(at - host.Now()).UTC() }

// computeFingerprint returns a key that is the same for the same trouble of the same app.
func computeFingerprint(app string, f diagnose.Diagnosis) string {
	sum := sha256.Sum256([]byte(app + "\x00" + string(f.Cause) + "\x00" + nodeerr.Normalise(f.Subject)))
	return hex.EncodeToString(sum[:8])
}

// IncidentOf returns the incident that a decision is about.
func IncidentOf(d plan.Decision) Incident {
	return Incident{Diagnosis: d.Diagnosis, Began: d.Began.Symptom, Opened: d.Opened, Seen: d.Seen, Next: d.Next, Suppressed: d.Suppressed}
}
