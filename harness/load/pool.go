package load

import (
	"slices"
	"sync"
)

// pool is the connections of a lane. A keep-alive lane keeps size of them: it
// opens a new one for each request until there are so many, and after that
// reuses the one that has been idle longest, which spreads the requests over
// all of them and so over the workers that hold them. When none is idle at the
// due time, one more is opened, up to maxOpen, because the load is open; what is
// too many is closed when it falls idle. A lane without reuse has its
// connections counted here and no idle ones.
type pool struct {
	size int // 0: as many as were ever needed at a time

	mu     sync.Mutex
	idle   []*conn
	open   int
	closed bool
}

// claim finds a place for a request: an idle connection, or nil and true when it
// is to open one. False means that all places are taken.
func (p *pool) claim() (*conn, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) > 0 && p.open >= p.size {
		c := p.idle[0]
		p.idle = slices.Delete(p.idle, 0, 1)
		return c, true
	}
	if p.open >= maxOpen {
		return nil, false
	}
	p.open++
	return nil, true
}

// put makes a connection idle; false means that it is not wanted any more.
func (p *pool) put(c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.size > 0 && len(p.idle) >= p.size {
		return false
	}
	p.idle = append(p.idle, c)
	return true
}

// gone takes a connection off the books, c being nil if it never opened.
func (p *pool) gone(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
	if i := slices.Index(p.idle, c); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
	}
}

// close ends all idle connections, and each other one when it falls idle.
func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, c := range idle {
		_ = c.nc.Close() // wakes its reader, which clears up
	}
}
