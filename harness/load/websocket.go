package load

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// webSocket opens a WebSocket and reads it to its end. One that ends with a close frame was
// closed with notice; one that ends without was cut.
func (s *streams) webSocket(ctx context.Context, x *evidence.Stream) {
	t := s.transport()
	defer t.CloseIdleConnections()
	c, resp, err := s.upgrade(ctx, t)
	if err != nil {
		refuse(ctx, x, resp, err)
		return
	}
	defer func() { _ = c.CloseNow() }() // it has ended already, or the load has
	c.SetReadLimit(-1)
	opened(x, resp)
	for {
		var r io.Reader
		if _, r, err = c.Reader(ctx); err == nil {
			var n int64
			n, err = io.Copy(io.Discard, r)
			x.Bytes += n
		}
		if err != nil {
			break
		}
	}
	var closing websocket.CloseError
	switch {
	case ctx.Err() != nil:
		x.End = evidence.StreamLeft
	case errors.As(err, &closing):
		x.End, x.Code, x.Detail = evidence.StreamClosed, int(closing.Code), closing.Reason
	default:
		x.End, x.Detail = evidence.StreamCut, err.Error()
	}
}

// upgrade sends the request, and waits for its answer no longer than the lane's timeout.
func (s *streams) upgrade(ctx context.Context, t *http.Transport) (*websocket.Conn, *http.Response, error) {
	dialing, stop := context.WithCancel(ctx)
	late := time.AfterFunc(s.spec.Timeout, stop)
	defer late.Stop()
	return websocket.Dial(dialing, s.url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: t}, HTTPHeader: s.header()})
}
