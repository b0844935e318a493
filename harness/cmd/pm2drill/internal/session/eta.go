package session

import (
	"fmt"
	"sync"
	"time"
)

// overhead is what a drill takes besides its fixed waits, until one has shown it:
// the start of its containers, the steady state, the end.
const overhead = 12 * time.Second

// eta estimates how long a pass has still to go: what is left of the planned work
// over how fast planned work has gone so far. Work is place-time: a drill that takes
// three places counts three times.
type eta struct {
	mu    sync.Mutex
	wide  int
	began time.Time
	left  time.Duration // planned
	under time.Duration // planned, of the drills under way
	done  time.Duration // planned, of the drills that have ended
}

func newETA(jobs []Job, wide int, now time.Time) *eta {
	p := &eta{wide: wide, began: now}
	for _, j := range jobs {
		p.left += computePlanned(j, wide)
	}
	return p
}

// computePlanned returns the time that a job is to take, times the places that it takes.
func computePlanned(j Job, wide int) time.Duration {
	return (j.Scenario.Least(j.Arm) + overhead) * time.Duration(min(j.Scenario.Weight(), wide))
}

// begin says that a job is under way.
func (p *eta) begin(j Job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.under += computePlanned(j, p.wide)
}

// end takes a job off the plan.
func (p *eta) end(j Job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	work := computePlanned(j, p.wide)
	p.under, p.left, p.done = p.under-work, p.left-work, p.done+work
}

// estimate returns how long it will still take. What is under way counts as half done;
// before much has been done the plan is all there is to go by.
func (p *eta) estimate(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	done, slowness := p.done+p.under/2, 1.0
	if p.done > p.left/10 {
		slowness = float64(now.Sub(p.began)*time.Duration(p.wide)) / float64(done)
	}
	return time.Duration(slowness * float64(p.left-p.under/2) / float64(p.wide))
}

// String returns the estimate for people.
func (p *eta) String() string {
	switch left := p.estimate(time.Now()); {
	case left < 15*time.Second:
		return "a few seconds left"
	case left < 90*time.Second:
		return fmt.Sprintf("about %d s left", int(left.Round(10*time.Second).Seconds()))
	default:
		return fmt.Sprintf("about %d min left", int(left.Round(time.Minute).Minutes()))
	}
}
