package pm2

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/tidwall/gjson"
	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// maxReply is the most bytes of a reply. The longest is the process list, some
// 5 kB for each worker with every variable of its environment.
const maxReply = 16 << 20

// Client calls one daemon over its rpc.sock. Calls may be made from many
// goroutines; replies may come out of order. A call lasts until the daemon
// answers or its context ends; PM2 itself sets no limits. A context that ends
// does not take back what the daemon has been told to do.
//
// Once a call has failed with ErrDaemonDead or ErrClosed all others do.
type Client struct {
	conn    net.Conn
	daemon  int
	app     string // see Distinguish
	space   string
	writing chan struct{} // holds one token while a frame is written

	mu        sync.Mutex
	next      int
	owed      int // calls that the daemon has been sent and has not answered
	waiting   map[string]pending
	reloading map[int]bool // by process id: the daemon has not answered yet
	left      map[int]int  // by process id: the pid that was told to leave
	broken    error        // why the connection is of no use any more
}

// pending is a call that the daemon has not answered.
type pending struct {
	to   chan answer
	done func() // called when the answer comes, even if nobody waits for it; or nil
}

type answer struct {
	results gjson.Result // a list
	err     error
}

// ErrClosed: the client has been closed on this side.
var ErrClosed = errors.New("the connection to PM2's daemon has been closed by Close")

// Dial connects to the daemon that has its sockets in home (PM2_HOME). It never
// starts one. The error wraps ErrDaemonDead when there is none: no socket, or
// one that nobody listens on, as a killed daemon leaves it. It wraps ErrImpostor when
// somebody else listens there.
func Dial(ctx context.Context, home string) (*Client, error) {
	conn, daemon, err := dial(ctx, home, "rpc.sock")
	if err != nil {
		return nil, err
	}
	c := &Client{
		conn: conn, daemon: daemon, writing: make(chan struct{}, 1),
		waiting: map[string]pending{}, reloading: map[int]bool{}, left: map[int]int{},
	}
	go c.read()
	return c, nil
}

// DaemonPID is the pid of the daemon at the other end, as the kernel knows it
// (SO_PEERCRED), or 0 if it is in another pid namespace.
func (c *Client) DaemonPID() int { return c.daemon }

// Close ends the connection; calls under way fail with ErrClosed.
func (c *Client) Close() error {
	c.fail(ErrClosed)
	return nil
}

// errUnasked: the peer has sent more replies than it was sent calls.
var errUnasked = errors.New("it answers what it was not asked")

// read hands answers to those who wait, until the connection ends. A peer that
// sends anything but one reply of bounded length for each call is not PM2.
func (c *Client) read() {
	r := axon.NewReader(&meter{r: c.conn, now: time.Now}, maxReply)
	for {
		m, err := r.Read(nil)
		if err == nil {
			err = c.settleReply()
		}
		if err != nil {
			c.fail(err)
			return
		}
		if len(m) != 2 {
			continue // no reply
		}
		id, _ := axon.AsText(m[1])
		c.mu.Lock()
		call, ok := c.waiting[id]
		delete(c.waiting, id)
		c.mu.Unlock()
		if !ok {
			continue // its caller has given up
		}
		call.settle(parseReply(m[0]))
	}
}

// settleReply takes a reply off what the daemon owes; an error if it owes none.
func (c *Client) settleReply() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.owed == 0 {
		return errUnasked
	}
	c.owed--
	return nil
}

func (p pending) settle(a answer) {
	if p.done != nil {
		p.done()
	}
	p.to <- a // there is room for one
}

// RefusedError is what the daemon answers instead of a result.
type RefusedError struct {
	Reason string // PM2's own words
}

func (e *RefusedError) Error() string { return "PM2 refuses: " + e.Reason }

// parseReply splits a reply, {"args":[result]} or {"error":"...","stack":"..."}.
func parseReply(arg []byte) answer {
	body, ok := axon.AsJSON(arg)
	if !ok || !isSound(body) {
		return answer{err: fmt.Errorf("PM2's reply %.40q is not JSON", arg)}
	}
	var a answer
	// It is gjson that reads everything here, by exact name: encoding/json takes
	// a key in any case, and PM2 mixes an app's variables (STATUS, NAMESPACE) into
	// the objects that hold its own fields (status, namespace).
	gjson.ParseBytes(body).ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "args":
			a.results = value
		case "error":
			a.err = &RefusedError{Reason: value.String()}
		}
		return true
	})
	return a
}

// fail ends the connection and every call that waits. A daemon that closes the
// connection is gone: it has no other reason to.
func (c *Client) fail(err error) {
	if hasHungUp(err) {
		err = fmt.Errorf("%w: it closed the connection (%w)", ErrDaemonDead, err)
	}
	c.mu.Lock()
	if c.broken == nil {
		c.broken = err
	}
	err = c.broken
	calls := c.waiting
	c.waiting = map[string]pending{}
	c.mu.Unlock()
	_ = c.conn.Close() // it is of no use; the reason is in broken
	for _, call := range calls {
		call.settle(answer{err: err})
	}
}

func hasHungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE)
}
