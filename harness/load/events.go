package load

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// events opens an event stream and reads it to its end. A stream whose answer is complete was
// closed with notice; a connection that ends before is one that was cut.
func (s *streams) events(ctx context.Context, x *evidence.Stream) {
	t := s.transport()
	defer t.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		refuse(ctx, x, nil, err)
		return
	}
	req.Header = s.header()
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Cache-Control", "no-store")
	resp, err := t.RoundTrip(req)
	if err != nil {
		refuse(ctx, x, nil, err)
		return
	}
	defer resp.Body.Close()
	if form, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); resp.StatusCode/100 != 2 || form != "text/event-stream" {
		refuse(ctx, x, resp, fmt.Errorf("the answer is %d %s, and no event stream", resp.StatusCode, form))
		return
	}
	opened(x, resp)
	x.Bytes, err = io.Copy(io.Discard, resp.Body)
	switch {
	case ctx.Err() != nil:
		x.End = evidence.StreamLeft
	case err != nil:
		x.End, x.Detail = evidence.StreamCut, err.Error()
	default:
		x.End = evidence.StreamClosed
	}
}
