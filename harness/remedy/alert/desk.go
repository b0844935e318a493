// Package alert tells people: it builds the alert of an incident from what is known at that
// time, and delivers it to the operator's address.
package alert

import (
	"context"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
	"github.com/pm2drill/pm2drill/harness/remedy/diagnose"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Sender says who sends alerts, and of which app.
type Sender struct {
	Engine    string // what the engine calls itself
	Host      string // name of this machine
	App       string
	Namespace string        // PM2's, of the app; "" for the only one
	Port      int           // the app's
	Stall     time.Duration // silence after which an event loop counts as blocked
}

// Desk keeps what an alert tells beside the diagnosis, and sends alerts. Its methods may be
// called from several goroutines at once.
type Desk struct {
	sender Sender
	veil   *redact.Redactor
	fail   func(error)
	// Seen is called with each alert as it is sent, nil for nobody. It must return at once.
	Seen func(engine.Alert)

	mu        sync.Mutex
	actions   []action
	latest    observe.Observation
	open      []engine.Cause                     // of incidents that the engine is doing something about
	past      []observe.Observation              // as far back as rules look
	before    map[string]map[int]engine.Counters // what PM2 counted when an incident opened, by its fingerprint
	inherited map[engine.Cause]string            // keys of alerts that an earlier run has raised
	chained   map[string]string                  // keys of symptoms that people were told of, by the fingerprint of their cause
	posts     []*post                            // one for each target
	opened    context.Context                    // of what delivers; nil before Open
}

// NewDesk returns a desk that delivers to targets. fail is called when an alert is late and
// when it is given up.
func NewDesk(s Sender, targets []Target, veil *redact.Redactor, fail func(error)) *Desk {
	k := &Desk{
		sender: s, veil: veil, fail: fail,
		before: map[string]map[int]engine.Counters{}, inherited: map[engine.Cause]string{}, chained: map[string]string{},
	}
	k.Retarget(targets)
	return k
}

// Publish takes in the history, whose last observation is the newest, and the causes of the
// incidents that the engine is doing something about.
func (k *Desk) Publish(history []observe.Observation, open []engine.Cause) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.latest, k.past, k.open = history[len(history)-1], history, open
}

// Latest returns the newest observation.
func (k *Desk) Latest() observe.Observation {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.latest
}

// History returns the observations as far back as rules look, oldest first.
func (k *Desk) History() []observe.Observation {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.past
}

// ListEngaged lists the causes of the incidents that the engine is doing something about.
func (k *Desk) ListEngaged() []engine.Cause {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.open
}

// Chain has the alerts of an incident go on under the key of the symptom it began as, if it did.
func (k *Desk) Chain(d plan.Decision) {
	if d.Began.Symptom == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	first := k.findKey(d.Began.Cause, d.Began.Subject)
	k.chained[computeFingerprint(k.sender.App, d.Diagnosis)] = first
}

// NoteCounters notes what PM2 counts when an incident opens.
func (k *Desk) NoteCounters(f diagnose.Diagnosis) {
	k.mu.Lock()
	defer k.mu.Unlock()
	counters := map[int]engine.Counters{}
	for _, w := range k.latest.Workers {
		counters[w.ID] = engine.Counters{Restarts: w.Restarts, Unstable: w.Unstable}
	}
	k.before[computeFingerprint(k.sender.App, f)] = counters
}

// Inherit has the alerts of a cause's inherited incident go on under the key that an earlier
// run of the engine raised it with.
func (k *Desk) Inherit(cause engine.Cause, key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.inherited[cause] = key
}

// Key returns what the alerts of an incident have in common, over restarts of the engine too:
// an incident that an earlier run has left goes on under the key it was raised with.
func (k *Desk) Key(cause engine.Cause, subject string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.findKey(cause, subject)
}

// findKey returns what Key does, for a caller that holds k.mu.
func (k *Desk) findKey(cause engine.Cause, subject string) string {
	if key := k.inherited[cause]; subject == plan.Adopted && key != "" {
		return key
	}
	if key := k.chained[computeFingerprint(k.sender.App, diagnose.Diagnosis{Cause: cause, Subject: subject})]; key != "" {
		return key
	}
	app := k.sender.App
	if k.sender.Namespace != "" {
		app = k.sender.Namespace + ":" + app
	}
	return computeFingerprint(app, diagnose.Diagnosis{Cause: cause, Subject: subject})
}
