package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// poster delivers alerts. One that is not taken is tried again until it is, or until a newer
// one of the same says more; the others go on meanwhile. Of one incident's alerts none
// overtakes another, so that "resolved" comes after "firing".
//
//	send ──> waiting ──> post ──> taken: done
//	            ^          ├────> not taken: again, after a pause that doubles
//	            └──────────┘      refused (4xx) maxRefused times: given up
type poster struct {
	url    string
	client *http.Client
	veil   *redact.Redactor
	fail   func(error)   // called when an alert is late, and when it is given up
	wake   chan struct{} // filled when there is something to do

	mu      sync.Mutex
	waiting []*parcel // oldest first
	ended   bool
}

// parcel is an alert on its way.
type parcel struct {
	key, status string
	body        []byte
	due         time.Time // of the next try
	tries       int
	refused     int // answers that say that the alert itself will not do
	posting     bool
}

// Bounds of a poster.
const (
	maxQueue    = 64
	lateAfter   = 6  // tries, after which it is said that an alert is late
	maxRefused  = 20 // some four minutes: what stands in for a receiver that restarts refuses too
	firstWait   = 250 * time.Millisecond
	longestWait = 15 * time.Second
	postWithin  = 5 * time.Second
	postAtLeast = 3 * time.Second // for what is queued when the engine ends
	maxAnswer   = 4 << 10         // bytes of an answer that are read, so that the connection serves again
	maxHeader   = 64 << 10        // bytes of an answer's header
)

func newPoster(url string, veil *redact.Redactor, fail func(error)) *poster {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes, transport.DisableCompression = maxHeader, true
	return &poster{
		url: url, veil: veil, fail: fail, wake: make(chan struct{}, 1),
		client: &http.Client{
			Transport: transport,
			// An alert goes where the operator has said and nowhere else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// send queues an alert and returns at once. A newer one takes the place of one that waits
// and says the same; where too many wait, one is given up, see crowded.
func (p *poster) send(a engine.Alert) {
	if p.url == "" {
		return
	}
	a, err := bound(a, p.veil)
	var body []byte
	if err == nil {
		body, err = json.Marshal(a)
	}
	if err != nil {
		p.fail(fmt.Errorf("cannot encode alert: %w", err))
		return
	}
	p.mu.Lock()
	lost := p.add(&parcel{key: a.Dedupe, status: a.Status, body: body})
	p.mu.Unlock()
	p.nudge()
	if lost > 0 {
		p.fail(fmt.Errorf("cannot keep alert: %d wait already, and %d of them are given up", maxQueue, lost))
	}
}

// add puts a parcel into the queue and returns how many had to go for it. p.mu is held.
func (p *poster) add(x *parcel) (lost int) {
	last := -1 // of the same incident
	for i, w := range p.waiting {
		if w.key == x.key {
			last = i
		}
	}
	if last >= 0 && p.waiting[last].status == x.status && !p.waiting[last].posting {
		p.waiting[last].body = x.body
		return 0
	}
	before := len(p.waiting)
	if before >= maxQueue {
		p.makeRoom()
	}
	lost = before - len(p.waiting)
	p.waiting = append(p.waiting, x)
	return lost
}

// makeRoom makes room: first for an incident that is over, of which neither the beginning nor
// the end has been taken, or else in the place of the oldest.
func (p *poster) makeRoom() {
	victim := slices.IndexFunc(p.waiting, func(x *parcel) bool { return !x.posting })
	over := slices.IndexFunc(p.waiting, func(x *parcel) bool {
		return !x.posting && x.status == engine.StatusFiring && slices.ContainsFunc(p.waiting, func(y *parcel) bool {
			return y.key == x.key && y.status == engine.StatusResolved
		})
	})
	if over < 0 {
		if victim >= 0 {
			p.waiting = slices.Delete(p.waiting, victim, victim+1)
		}
		return
	}
	key := p.waiting[over].key
	p.waiting = slices.DeleteFunc(p.waiting, func(x *parcel) bool { return x.key == key && !x.posting })
}

func (p *poster) nudge() {
	select {
	case p.wake <- struct{}{}:
	default: // it is awake already
	}
}

// end says that nothing more is sent: run returns when what waits is delivered.
func (p *poster) end() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.nudge()
}

// run posts what is queued until the end, or until ctx ends.
func (p *poster) run(ctx context.Context) {
	for ctx.Err() == nil {
		x, wait, over := p.next(time.Now())
		switch {
		case over:
			return
		case x != nil:
			p.try(ctx, x)
			continue
		}
		pause := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-p.wake:
		case <-pause.C:
		}
		pause.Stop()
	}
	p.mu.Lock()
	left := len(p.waiting)
	p.mu.Unlock()
	if left > 0 {
		p.fail(fmt.Errorf("cannot post %d alerts: the engine has ended", left))
	}
}

// next takes the first parcel that is due and comes after none of its incident, or says how
// long there is none, or that there will be none any more.
func (p *poster) next(now time.Time) (x *parcel, wait time.Duration, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait = longestWait
	seen := map[string]bool{}
	for _, x := range p.waiting {
		if seen[x.key] {
			continue
		}
		seen[x.key] = true
		if !x.due.After(now) {
			x.posting = true
			return x, 0, false
		}
		wait = min(wait, x.due.Sub(now))
	}
	return nil, wait, p.ended && len(p.waiting) == 0
}

// try posts a parcel once and takes it out of the queue, or sets the time of the next try.
func (p *poster) try(ctx context.Context, x *parcel) {
	p.mu.Lock()
	body := x.body
	p.mu.Unlock()
	refused, err := p.post(ctx, body)
	x.tries++
	if refused {
		x.refused++
	}
	givenUp := x.refused == maxRefused
	p.mu.Lock()
	x.posting = false
	x.due = time.Now().Add(min(firstWait<<min(x.tries-1, 8), longestWait))
	if err == nil || givenUp {
		p.waiting = slices.DeleteFunc(p.waiting, func(y *parcel) bool { return y == x })
	}
	p.mu.Unlock()
	switch {
	case givenUp:
		p.fail(fmt.Errorf("cannot post alert, and it is given up after %d tries: %w", x.tries, err))
	case err != nil && x.tries == lateAfter:
		p.fail(fmt.Errorf("cannot post alert after %d tries, and it is tried again until it is taken: %w", x.tries, err))
	}
}

// post makes one request. refused is true where trying the same again is of no use. The
// error names no part of the URL but what the network says: a path may be a secret.
func (p *poster) post(ctx context.Context, body []byte) (refused bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, postWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return true, withoutURL(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := p.client.Do(req)
	if err != nil {
		return false, withoutURL(err)
	}
	defer res.Body.Close()
	if res.ContentLength >= 0 && res.ContentLength <= maxAnswer {
		_, _ = io.Copy(io.Discard, res.Body) // its status is all that matters
	}
	switch code := res.StatusCode; {
	case code >= 200 && code <= 299:
		return false, nil
	case code >= 300 && code <= 399:
		return true, fmt.Errorf("it answered %s, and redirects are not followed: give the address that it leads to", res.Status)
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return false, fmt.Errorf("it answered %s", res.Status)
	default:
		return true, fmt.Errorf("it answered %s", res.Status)
	}
}
