package pm2

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/pm2drill/pm2drill/harness/pm2/internal/axon"
)

// method is a remote procedure of the daemon. The list is closed, and every one
// takes exactly one argument: a call with any other number of arguments kills
// the daemon and every app with it (the callback is handed over by position,
// pm2-axon-rpc/lib/server.js). sendSignalToProcessId is left out on purpose, see
// Client.Signal.
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
	sendDataToID   method = "sendDataToProcessId"
)

// call makes one call and returns its result. done, if not
// nil, is called once the daemon owes nothing more for it: when it has answered,
// when the call was never sent, or when the connection has ended. That may be
// after call has returned because ctx ended.
func (c *Client) call(ctx context.Context, m method, arg any, done func()) (gjson.Result, error) {
	results, err := c.sendAndWait(ctx, m, arg, done)
	if err != nil {
		return gjson.Result{}, fmt.Errorf("cannot call PM2's %s: %w", m, err)
	}
	return results.Get("0"), nil
}

func (c *Client) sendAndWait(ctx context.Context, m method, arg any, done func()) (gjson.Result, error) {
	id, to, err := c.register(done)
	if err != nil {
		if done != nil {
			done()
		}
		return gjson.Result{}, err
	}
	if err := c.write(ctx, id, m, arg); err != nil {
		c.forget(id)
		return gjson.Result{}, err
	}
	select {
	case a := <-to:
		return a.results, a.err
	case <-ctx.Done():
		if done == nil {
			c.forget(id)
		}
		return gjson.Result{}, fmt.Errorf("no answer: %w", ctx.Err())
	}
}

func (c *Client) register(done func()) (string, chan answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return "", nil, c.broken
	}
	id := "pm2drill:" + strconv.Itoa(c.next)
	c.next++
	to := make(chan answer, 1)
	c.waiting[id] = pending{to, done}
	return id, to, nil
}

// forget drops a call whose answer nobody wants.
func (c *Client) forget(id string) {
	c.mu.Lock()
	call := c.waiting[id]
	delete(c.waiting, id)
	c.mu.Unlock()
	if call.done != nil {
		call.done()
	}
}

// encodeCall encodes a call: j:{"type":"call",...} and s:<id>.
func encodeCall(id string, m method, arg any) ([]byte, error) {
	body, err := axon.JSON(struct {
		Type   string `json:"type"`
		Method method `json:"method"`
		Args   [1]any `json:"args"`
	}{"call", m, [1]any{arg}})
	if err != nil {
		return nil, err
	}
	return axon.Message{body, axon.Text(id)}.Append(nil)
}

// write sends a call's frame, in one piece. Where ctx ends before the first byte
// has gone out nothing has happened; where it ends later the connection is of no
// use any more, as half a frame would garble every later call.
func (c *Client) write(ctx context.Context, id string, m method, arg any) error {
	b, err := encodeCall(id, m, arg)
	if err != nil {
		return err
	}
	select {
	case c.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.writing }()
	if err := ctx.Err(); err != nil {
		return err
	}
	c.owe(1) // first: the answer may be there before the write returns
	n, err := c.writeUntil(ctx, b)
	switch {
	case err == nil:
		return nil
	case n == 0 && ctx.Err() != nil:
		c.owe(-1)
		return ctx.Err()
	case ctx.Err() != nil:
		err = fmt.Errorf("the daemon took %d of %d bytes: %w", n, len(b), ctx.Err())
	}
	c.fail(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

// owe adds to the calls that the daemon has not answered.
func (c *Client) owe(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owed += n
}

// writeUntil writes b unless ctx ends first.
func (c *Client) writeUntil(ctx context.Context, b []byte) (int, error) {
	if err := c.conn.SetWriteDeadline(time.Time{}); err != nil {
		return 0, err
	}
	cut := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(cut)
		_ = c.conn.SetWriteDeadline(time.Unix(1, 0)) // fails only when the connection has ended
	})
	n, err := c.conn.Write(b)
	if !stop() {
		<-cut // or it would cut off the next write
	}
	return n, err
}
