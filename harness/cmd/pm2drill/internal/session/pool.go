package session

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/report"
)

// host is a Docker host that drills run on.
type host struct {
	docker *cluster.Docker
	facts  cluster.Host
	binary string      // static Linux pm2drill for its architecture
	boot   sync.Locker // held while a cluster boots there
	places int         // drills side by side
	lost   error       // why it is not used any more; nil while it is
}

// pool has the places of the hosts during one pass over the jobs.
type pool struct {
	mu    sync.Mutex
	freed *sync.Cond
	rooms []*room
	voids []report.Drill // what was drilled on hosts that were lost
}

// room is what a host has in a pass.
type room struct {
	*host
	wide int // places
	free int
}

// seat is a number of places that a drill has taken in a room.
type seat struct {
	room *room
	n    int
}

// noHostError: every host is lost.
type noHostError struct{ hosts []*host }

func (e noHostError) Error() string {
	words := make([]string, len(e.hosts))
	for i, h := range e.hosts {
		words[i] = fmt.Sprint(h.lost)
	}
	return "no Docker host is left: " + strings.Join(words, "; ")
}

// newPool returns the pool of a pass that uses one of share of the places, and one on each
// host at least.
func newPool(hosts []*host, share int) *pool {
	p := &pool{}
	p.freed = sync.NewCond(&p.mu)
	for _, h := range hosts {
		wide := max(1, h.places/share)
		p.rooms = append(p.rooms, &room{host: h, wide: wide, free: wide})
	}
	return p
}

// wide is the number of all places.
func (p *pool) wide() (n int) {
	for _, r := range p.rooms {
		n += r.wide
	}
	return n
}

// take waits until a host has that many free places, or all of its own if those are fewer, and
// takes them on the one with most free places. The error is noHostError or ctx's cause.
func (p *pool) take(ctx context.Context, weight int) (seat, error) {
	defer context.AfterFunc(ctx, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.freed.Broadcast()
	})()
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if ctx.Err() != nil {
			return seat{}, context.Cause(ctx)
		}
		var best *room
		var lost []*host
		for _, r := range p.rooms {
			switch {
			case r.lost != nil:
				lost = append(lost, r.host)
			case r.free >= min(weight, r.wide) && (best == nil || r.free > best.free):
				best = r
			}
		}
		if best != nil {
			s := seat{best, min(weight, best.wide)}
			best.free -= s.n
			return s, nil
		}
		if len(lost) == len(p.rooms) {
			return seat{}, noHostError{lost}
		}
		p.freed.Wait()
	}
}

// release gives the places back.
func (p *pool) release(s seat) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.room.free += s.n
	p.freed.Broadcast()
}

// lose takes a seat's host out of use, and reports whether it was in use till now.
func (p *pool) lose(s seat, why error) (first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if first = s.room.lost == nil; first {
		s.room.lost = why
		p.freed.Broadcast()
	}
	return first
}

// void keeps what was drilled on a host that was lost.
func (p *pool) void(d report.Drill) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.voids = append(p.voids, d)
}
