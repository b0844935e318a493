package load

import (
	"bufio"
	"net"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// conn is one connection, served by one goroutine that reads from it all the
// time. What it reads answers the request in flight; when none is, the only
// thing that can come is the connection's end, and it is given up at once, as a
// careful client would, and not written to again.
//
//	idle --give--> busy --response complete--> idle
//	  |              |--anything else--> ended
//	  '--end, stray bytes, expiry--> ended
//
// A close that crosses our request on its way is a lost request.
type conn struct {
	lane   *lane
	nc     *net.TCPConn
	raw    syscall.RawConn
	r      *bufio.Reader
	number int
	out    []byte // the request's text

	mu       sync.Mutex
	busy     bool
	ended    bool
	flight   evidence.Request // while busy
	writeErr error            // of the request in flight
	used     bool             // has carried a request
	expires  time.Duration    // when the server said it would close it; 0: it said nothing
	silent   bool             // what peek found
}

// give sends a request on a connection: on a new one whatever became of it
// since, on a reused one only if it is still open. It reports whether the
// request is the connection's now.
func (c *conn) give(q evidence.Request, deadline time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used && (c.ended || c.expired() || !c.quiet()) {
		c.ended = true
		_ = c.nc.Close() // wakes the reader, which clears up
		return false
	}
	q.Conn, q.Reused = c.number, c.used
	c.busy, c.used = true, true
	// Writing has no deadline: a request is small and finds the buffer empty.
	c.writeErr = c.nc.SetReadDeadline(deadline)
	c.out = c.lane.script.request(c.out, q.ID)
	q.Sent = now()
	c.flight = q
	if c.writeErr == nil {
		_, c.writeErr = c.nc.Write(c.out)
	}
	return true
}

func (c *conn) expired() bool { return c.expires > 0 && now() >= c.expires }

// quiet asks the kernel whether an idle connection is open and nothing has
// come. The reader would notice too, but only once it is scheduled; the window
// in which a close can cross a request is the server's to account for, and must
// not be made longer by ours.
func (c *conn) quiet() bool {
	c.silent = false
	err := c.raw.Control(c.peek)
	return err == nil && c.silent
}

func (c *conn) peek(fd uintptr) {
	var b [1]byte
	_, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	c.silent = err == unix.EAGAIN
}

// serve reads until the connection is of no more use.
func (c *conn) serve() {
	for c.exchange() && c.lane.pool.put(c) {
	}
	c.mu.Lock()
	c.ended = true
	_ = c.nc.Close() // it is given up; there is nobody to tell
	c.mu.Unlock()
}

// exchange waits for a response, settles its request and reports whether the
// connection can carry another.
func (c *conn) exchange() bool {
	_, err := c.r.Peek(1)
	c.mu.Lock()
	if !c.busy {
		c.ended = true
		c.mu.Unlock()
		return false
	}
	q, writeErr := c.flight, c.writeErr
	c.mu.Unlock()

	// The request is ours until busy is false again; nobody gives another.
	reusable := false
	switch {
	case err == nil:
		reusable = c.respond(&q)
	case writeErr != nil && !isTimeout(err):
		q.Class, q.Phase, q.Detail = evidence.Reset, phaseWrite, detail(writeErr)
	default:
		q.Class, q.Phase, q.Detail = loss(err, false), phaseFirstByte, detail(err)
	}
	if reusable {
		reusable = c.nc.SetReadDeadline(time.Time{}) == nil
	}
	c.mu.Lock()
	c.busy = false
	c.ended = !reusable
	c.mu.Unlock()
	c.lane.settle(q)
	return reusable
}
