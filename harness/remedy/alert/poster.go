package alert

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Target is an address that alerts are delivered to.
type Target interface {
	Name() string // for people; it tells no secret
	// Deliver makes one attempt. refused is true where trying the same again is of no use.
	Deliver(ctx context.Context, a engine.Alert) (refused bool, err error)
	// Repeat is how often an alert is delivered again while it fires; 0 for never.
	Repeat() time.Duration
}

// poster delivers alerts to one target. One that is not taken is tried again until it is, or
// until a newer one of the same says more; the others go on meanwhile. Of one incident's
// alerts none overtakes another, so that "resolved" comes after "firing".
//
//	send ──> waiting ──> deliver ──> taken: done, or kept to be repeated
//	            ^          ├────> not taken: again, after a pause that doubles
//	            └──────────┘      refused maxRefused times: given up
type poster struct {
	target Target
	fail   func(error)   // called when an alert is late, and when it is given up
	wake   chan struct{} // filled when there is something to do

	mu      sync.Mutex
	waiting []*parcel // oldest first
	ended   bool
}

// parcel is an alert on its way.
type parcel struct {
	key, status string
	alert       engine.Alert
	due         time.Time // of the next try
	tries       int
	refused     int // answers that say that the alert itself will not do
	posting     bool
	taken       bool // it is kept only to be repeated
}

// Bounds of a poster.
const (
	maxQueue    = 64
	lateAfter   = 6  // tries, after which it is said that an alert is late
	maxRefused  = 20 // some four minutes: what stands in for a receiver that restarts refuses too
	firstWait   = 250 * time.Millisecond
	longestWait = 15 * time.Second
	postAtLeast = 3 * time.Second // for what is queued when the engine ends
)

func newPoster(target Target, fail func(error)) *poster {
	return &poster{target: target, fail: fail, wake: make(chan struct{}, 1)}
}

// send queues an alert and returns at once. A newer one takes the place of one that waits
// and says the same; where too many wait, one is given up, see crowded.
func (p *poster) send(a engine.Alert) {
	p.mu.Lock()
	lost := p.add(&parcel{key: a.Dedupe, status: a.Status, alert: a})
	p.mu.Unlock()
	p.nudge()
	if lost > 0 {
		p.fail(fmt.Errorf("cannot keep alert: %d wait already, and %d of them are given up", maxQueue, lost))
	}
}

// add puts a parcel into the queue and returns how many had to go for it. p.mu is held.
func (p *poster) add(x *parcel) (lost int) {
	p.waiting = slices.DeleteFunc(p.waiting, func(w *parcel) bool { return w.taken && w.key == x.key && !w.posting })
	last := -1 // of the same incident
	for i, w := range p.waiting {
		if w.key == x.key {
			last = i
		}
	}
	if last >= 0 && p.waiting[last].status == x.status && !p.waiting[last].posting {
		p.waiting[last].alert = x.alert
		return 0
	}
	if len(p.waiting) >= maxQueue && !p.dropTaken() {
		before := len(p.waiting)
		p.makeRoom()
		lost = before - len(p.waiting)
	}
	p.waiting = append(p.waiting, x)
	return lost
}

// dropTaken gives up the repetition of the oldest alert that has been taken, if there is one.
func (p *poster) dropTaken() bool {
	i := slices.IndexFunc(p.waiting, func(x *parcel) bool { return x.taken && !x.posting })
	if i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
	}
	return i >= 0
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
		x, wait, over := p.takeNext(time.Now())
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
	if left := p.count(); left > 0 {
		p.fail(fmt.Errorf("cannot post the alerts that wait (%d): the engine has ended", left))
	}
}

// count returns how many alerts have not been taken yet.
func (p *poster) count() (left int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.waiting {
		if !x.taken {
			left++
		}
	}
	return left
}

// takeNext takes the first parcel that is due and comes after none of its incident, or
// says how long there is none, or that there will be none any more.
func (p *poster) takeNext(now time.Time) (x *parcel, wait time.Duration, over bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait = longestWait
	seen := map[string]bool{}
	over = p.ended
	for _, x := range p.waiting {
		over = over && x.taken
		if seen[x.key] || p.ended && x.taken {
			continue
		}
		seen[x.key] = true
		if !x.due.After(now) {
			x.posting = true
			return x, 0, false
		}
		wait = min(wait, x.due.Sub(now))
	}
	return nil, wait, over
}

// try delivers a parcel once and takes it out of the queue, or sets the time of the next try.
func (p *poster) try(ctx context.Context, x *parcel) {
	p.mu.Lock()
	a := x.alert
	p.mu.Unlock()
	refused, err := p.target.Deliver(ctx, a)
	x.tries++
	if refused {
		x.refused++
	}
	givenUp := x.refused == maxRefused
	p.mu.Lock()
	p.settle(x, err == nil, givenUp)
	p.mu.Unlock()
	switch {
	case givenUp:
		p.fail(fmt.Errorf("cannot post alert, and it is given up after %d tries: %w", x.tries, err))
	case err != nil && x.tries == lateAfter:
		p.fail(fmt.Errorf("cannot post alert after %d tries, and it is tried again until it is taken: %w", x.tries, err))
	}
}

// settle puts a parcel back that was tried, if it is to be tried again. p.mu is held.
func (p *poster) settle(x *parcel, taken, givenUp bool) {
	x.posting = false
	x.due = time.Now().Add(min(firstWait<<min(x.tries-1, 8), longestWait))
	switch {
	case taken && x.status == engine.StatusFiring && p.target.Repeat() > 0 && !p.isFollowed(x):
		x.taken, x.tries, x.refused, x.due = true, 0, 0, time.Now().Add(p.target.Repeat())
	case taken || givenUp:
		p.waiting = slices.DeleteFunc(p.waiting, func(y *parcel) bool { return y == x })
	}
}

// isFollowed reports whether a newer alert of the same incident waits.
func (p *poster) isFollowed(x *parcel) bool {
	return slices.ContainsFunc(p.waiting, func(y *parcel) bool { return y != x && y.key == x.key })
}
