package remedy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/host"
)

// incident is what an alert is about.
type incident struct {
	Finding
	opened, seen time.Duration // when it was first and last diagnosed
	next         string        // what the engine does next
	unsaid       int           // incidents of the same that were not alerted of
}

func (d Decision) incident() incident {
	return incident{Finding: d.Finding, opened: d.Opened, seen: d.Seen, next: d.Next, unsaid: d.Unsaid}
}

// alertOf builds the alert of an incident from what is known now.
func (r *runner) alertOf(status string, in incident) engine.Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, actions := r.latest, r.takenFor(in.Finding)
	return engine.Alert{
		Engine: Name, Host: r.notes.host, Sent: time.Now().UTC(), Namespace: r.cfg.Namespace, Status: status, App: r.cfg.App, Cause: in.Cause, Confidence: in.Confidence,
		Evidence: in.Evidence, RuledOut: in.RuledOut, FirstSeen: wall(in.opened), LastSeen: wall(in.seen),
		Workers: workersOf(o, r.limits, r.before[fingerprint(r.cfg.App, in.Finding)], r.cfg.Port), Actions: actions, Timeline: timeline(r.past),
		Human: in.Human, Next: in.next, Undo: undoing(actions, r.past), Suppressed: in.unsaid, Drift: in.Drift,
		Daemon: engine.Daemon{PID: o.Daemon.PID, Version: o.Daemon.Version},
		Logs:   errorLines(r.past), Dedupe: r.keyOf(in.Cause, in.Subject),
	}
}

// wall turns a moment of the monotonic clock into a time for people.
func wall(at time.Duration) time.Time { return time.Now().Add(at - host.Now()).UTC() }

// fingerprint is the same for the same trouble of the same app.
func fingerprint(app string, f Finding) string {
	sum := sha256.Sum256([]byte(app + "\x00" + string(f.Cause) + "\x00" + normalise(f.Subject)))
	return hex.EncodeToString(sum[:8])
}

// poster sends alerts one after the other, so that a "resolved" never overtakes
// its "firing".
type poster struct {
	url   string
	queue chan engine.Alert
	fail  func(error) // called when an alert could not be delivered
}

// Bounds of a poster: what waits, how often it tries, and how long it waits in
// between (doubling).
const (
	maxQueue    = 64
	maxTries    = 6
	firstWait   = 250 * time.Millisecond
	postWithin  = 5 * time.Second
	postAtLeast = 3 * time.Second // for what is queued when the engine ends
)

func newPoster(url string, fail func(error)) *poster {
	return &poster{url: url, queue: make(chan engine.Alert, maxQueue), fail: fail}
}

// send queues an alert. When too many wait, the new one is given up: an alert
// that is minutes late helps nobody.
func (p *poster) send(a engine.Alert) {
	if p.url == "" {
		return
	}
	select {
	case p.queue <- public(a):
	default:
		p.fail(fmt.Errorf("cannot queue alert: %d wait already", maxQueue))
	}
}

// run posts what is queued until the queue is closed.
func (p *poster) run(ctx context.Context) {
	for a := range p.queue {
		if err := p.deliver(ctx, a); err != nil {
			p.fail(err)
		}
	}
}

func (p *poster) deliver(ctx context.Context, a engine.Alert) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("cannot encode alert: %w", err)
	}
	wait := firstWait
	for try := 1; ; try++ {
		if err = p.post(ctx, body); err == nil {
			return nil
		}
		if try == maxTries {
			return fmt.Errorf("cannot post alert after %d tries: %w", try, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cannot post alert: %w", err)
		case <-time.After(wait):
			wait *= 2
		}
	}
}

func (p *poster) post(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, postWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20)); err != nil {
		return err
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("it answered %s", res.Status)
	}
	return nil
}
