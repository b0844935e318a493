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

// maxLogs is how many error lines an alert carries.
const maxLogs = 30

// alertOf builds the alert of an incident from what is known now.
func (r *runner) alertOf(status string, f Finding, opened, seen time.Duration) engine.Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.latest
	return engine.Alert{
		Engine: Name, Status: status, App: r.cfg.App, Cause: f.Cause, Confidence: f.Confidence,
		Evidence: f.Evidence, RuledOut: f.RuledOut, FirstSeen: wall(opened), LastSeen: wall(seen),
		Workers: workersOf(o, r.limits), Actions: r.takenFor(f), Human: f.Human,
		Daemon: engine.Daemon{PID: o.Daemon.PID, Version: o.Daemon.Version},
		Logs:   r.logs, Dedupe: fingerprint(r.cfg.App, f),
	}
}

// wall turns a moment of the monotonic clock into a time for people.
func wall(at time.Duration) time.Time { return time.Now().Add(at - host.Now()).UTC() }

// fingerprint is the same for the same trouble of the same app.
func fingerprint(app string, f Finding) string {
	sum := sha256.Sum256([]byte(app + "\x00" + string(f.Cause) + "\x00" + normalise(f.Subject)))
	return hex.EncodeToString(sum[:8])
}

// workersOf is the table of workers.
func workersOf(o Observation, limits Limits) []engine.Worker {
	out := make([]engine.Worker, 0, len(o.Workers))
	for _, w := range o.Workers {
		out = append(out, engine.Worker{
			ID: w.ID, Instance: w.Instance, PID: w.PID, Status: w.Status,
			Derived: o.derived(w, limits.Stall), Restarts: w.Restarts, Uptime: w.Uptime.Seconds(), RSS: w.RSS,
		})
	}
	return out
}

// errorLines are the last lines of the workers' stderr, as the bus brought them:
// what a process says while it boots never reaches PM2's log files.
func errorLines(history []Observation) []string {
	var lines []string
	said := complaints(history)
	for _, e := range said[max(0, len(said)-maxLogs):] {
		lines = append(lines, fmt.Sprintf("%s worker %d: %s", wall(e.At).Format(time.RFC3339Nano), e.ID, clip(e.Text, maxError)))
	}
	return lines
}

// complaints are the errors that workers have named.
func complaints(history []Observation) []Event {
	var said []Event
	for _, o := range history {
		for _, e := range o.Events {
			if e.Kind == KindError || e.Kind == KindException {
				said = append(said, e)
			}
		}
	}
	return said
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
	case p.queue <- redactAlert(a):
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
