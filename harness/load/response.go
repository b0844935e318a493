package load

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// respond reads a response of which the first byte is there, books the request,
// and reports whether the connection can carry another.
func (c *conn) respond(q *evidence.Request) bool {
	resp, err := c.header()
	if err != nil {
		q.Class, q.Phase, q.Detail = loss(err, true), phaseHeader, detail(err)
		return false
	}
	q.Status = resp.StatusCode
	q.PID, _ = strconv.Atoi(resp.Header.Get("X-Worker-Pid")) // 0 when it names none
	n, err := io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		q.Class, q.Phase, q.Detail = loss(err, true), phaseBody, cut(n, resp.ContentLength, err)
		return false
	}
	c.judge(q)
	if resp.Close || c.lane.spec.Kind != KeepAlive || resp.StatusCode == http.StatusSwitchingProtocols {
		return false
	}
	c.expires = expiry(resp.Header.Get("Keep-Alive"), now())
	return c.r.Buffered() == 0 // bytes nobody asked for: who knows what comes next
}

// header reads a response's header, past informational ones (100, 103).
// ReadResponse holds the body to its Content-Length or chunks, and takes the
// connection's end for the body's only where the response gave neither.
func (c *conn) header() (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(c.r, c.lane.get)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// judge books a complete response.
func (c *conn) judge(q *evidence.Request) {
	switch {
	case q.Status < 200 || q.Status > 299:
		q.Class, q.Phase = evidence.WrongStatus, phaseHeader
	case c.lane.witness && q.PID == 0:
		q.Class, q.Phase, q.Detail = evidence.WrongStatus, phaseHeader, "no X-Worker-Pid: somebody else answered"
	default:
		q.Class = evidence.Answered
	}
}

// cut says where a body was cut short; length is -1 when it was not announced.
func cut(n, length int64, err error) string {
	if length < 0 {
		return strings.TrimSpace(fmt.Sprintf("%s after %d bytes", detail(err), n))
	}
	return strings.TrimSpace(fmt.Sprintf("%s after %d of %d bytes", detail(err), n, length))
}

// margin is taken off the idle time that a server grants, so that a request
// does not cross the close that it announced.
const margin = time.Second

// expiry is when a connection becomes too old to reuse, from the response's
// "Keep-Alive: timeout=5" (seconds; Node's server sends it, and Node's own
// client keeps to it). 0 when the server set no limit.
func expiry(header string, at time.Duration) time.Duration {
	for field := range strings.SplitSeq(header, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		if !strings.EqualFold(key, "timeout") {
			continue
		}
		s, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || s < 0 || s > 1<<20 {
			return 0
		}
		granted := time.Duration(s) * time.Second
		return at + max(granted-margin, granted/2)
	}
	return 0
}
