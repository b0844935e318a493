package pm2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// ErrDaemonDead: no daemon answers on the socket. That is not the same as a
// daemon without apps, whose list is empty, nor as one that is slow, whose
// calls end with the context's error.
var ErrDaemonDead = errors.New("PM2's daemon does not run")

// Client calls one daemon over its rpc.sock. Calls may be made from many
// goroutines; replies may come out of order.
type Client struct {
	conn net.Conn
	send sync.Mutex // one frame at a time

	mu      sync.Mutex
	next    int
	waiting map[string]chan reply
	broken  error // why the connection is of no use any more
}

type reply struct {
	result json.RawMessage
	err    error
}

// Dial connects to the daemon that has its sockets in home. It never starts
// one. The error wraps ErrDaemonDead when there is none: no socket, or one that
// nobody listens on, as a killed daemon leaves it.
func Dial(ctx context.Context, home string) (*Client, error) {
	conn, err := dial(ctx, filepath.Join(home, "rpc.sock"))
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, waiting: map[string]chan reply{}}
	go c.read()
	return c, nil
}

func dial(ctx context.Context, path string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ECONNREFUSED) {
		return nil, fmt.Errorf("cannot reach %s: %w (%w)", path, ErrDaemonDead, err)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot reach %s: %w", path, err)
	}
	return conn, nil
}

// Close ends the connection; calls under way fail.
func (c *Client) Close() error { return c.conn.Close() }

// read hands replies to those who wait, until the connection ends.
func (c *Client) read() {
	r := axon.NewReader(c.conn)
	for {
		m, err := r.Read(nil)
		if err != nil {
			c.fail(err)
			return
		}
		if len(m) < 2 {
			continue
		}
		id, _ := axon.AsText(m[1])
		c.mu.Lock()
		to, ok := c.waiting[id]
		delete(c.waiting, id)
		c.mu.Unlock()
		if ok { // nobody waits any more for a call that was given up
			to <- parseReply(m[0])
		}
	}
}

func parseReply(arg []byte) reply {
	var body struct {
		Args  []json.RawMessage `json:"args"`
		Error string            `json:"error"`
	}
	if err := axon.AsJSON(arg, &body); err != nil {
		return reply{err: fmt.Errorf("cannot read PM2's reply: %w", err)}
	}
	if body.Error != "" {
		return reply{err: errors.New(body.Error)}
	}
	if len(body.Args) == 0 {
		return reply{}
	}
	return reply{result: body.Args[0]}
}

// fail ends every call that waits. A daemon that closes the connection is gone:
// it has no other reason to.
func (c *Client) fail(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, unix.ECONNRESET) {
		err = fmt.Errorf("%w: it closed the connection", ErrDaemonDead)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = err
	for id, to := range c.waiting {
		to <- reply{err: err}
		delete(c.waiting, id)
	}
	_ = c.conn.Close() // it is of no use; the reason is in broken
}

// method is a remote procedure of the daemon. The list is closed, and every
// one takes exactly one argument: a call with any other number of arguments
// kills the daemon and every app with it (Daemon.js hands the callback over by
// position).
type method string

const (
	getMonitorData method = "getMonitorData"
	getVersion     method = "getVersion"
	ping           method = "ping"
	startID        method = "startProcessId"
	stopID         method = "stopProcessId"
	restartID      method = "restartProcessId"
	reloadID       method = "reloadProcessId"
	deleteID       method = "deleteProcessId"
	duplicateID    method = "duplicateProcessId"
	resetID        method = "resetMetaProcessId"
	sendSignalToID method = "sendSignalToProcessId"
	sendDataToID   method = "sendDataToProcessId"
)

// call makes one call and decodes its result into result, unless that is nil.
func (c *Client) call(ctx context.Context, m method, arg, result any) error {
	r, err := c.roundTrip(ctx, m, arg)
	if err == nil && result != nil {
		err = json.Unmarshal(r, result)
	}
	if err != nil {
		return fmt.Errorf("cannot call PM2's %s: %w", m, err)
	}
	return nil
}

func (c *Client) roundTrip(ctx context.Context, m method, arg any) (json.RawMessage, error) {
	body, err := axon.JSON(struct {
		Type   string `json:"type"`
		Method method `json:"method"`
		Args   []any  `json:"args"`
	}{"call", m, []any{arg}})
	if err != nil {
		return nil, err
	}
	id, to, err := c.register()
	if err != nil {
		return nil, err
	}
	frame, err := axon.Message{body, axon.Text(id)}.Append(nil)
	if err != nil {
		return nil, err
	}
	if err := c.write(ctx, frame); err != nil {
		return nil, err
	}
	select {
	case r := <-to:
		return r.result, r.err
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
		return nil, ctx.Err()
	}
}

func (c *Client) register() (string, chan reply, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return "", nil, c.broken
	}
	id := "pm2drill:" + strconv.Itoa(c.next)
	c.next++
	to := make(chan reply, 1)
	c.waiting[id] = to
	return id, to, nil
}

// write sends a whole frame. Half a frame would garble every later call, so a
// write that fails midway ends the connection.
func (c *Client) write(ctx context.Context, frame []byte) error {
	c.send.Lock()
	defer c.send.Unlock()
	deadline, _ := ctx.Deadline()
	if deadline.IsZero() {
		deadline = time.Now().Add(writeWithin)
	}
	if err := c.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	if _, err := c.conn.Write(frame); err != nil {
		if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
			err = io.EOF
		}
		c.fail(err)
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.broken
	}
	return nil
}

// writeWithin bounds a write when the context does not: a daemon that reads
// nothing must not hold the caller for ever.
const writeWithin = 10 * time.Second
