// Package load sends traffic at a constant rate and accounts for every request
// it owed. It owns its connections: it writes each request and reads each
// response itself and never tries anything twice, because an HTTP client that
// retries (Go's does) hides exactly the losses that are looked for here.
//
//	pacer --due--> lane --> connection --> ledger --> rows and a tally
//	(owed is counted here)                 (classes are counted here)
//
// The load is open: requests fall due by the clock, whether the server keeps up
// or not, and latency counts from when a request was due.
package load

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Plan is what to send where. It travels to the agent as JSON; durations are in
// nanoseconds there.
type Plan struct {
	URL      string        `json:"url"` // http://host[:port][/path]
	Lanes    []Lane        `json:"lanes"`
	Duration time.Duration `json:"duration,omitempty"` // how long requests fall due; 0: until told to stop
	Noise    bool          `json:"noise,omitempty"`    // also load a trivial server of our own, as lane "noise"
	Witness  bool          `json:"witness,omitempty"`  // a 2xx without X-Worker-Pid is somebody else's answer: WrongStatus
}

// Kind is how a lane uses connections.
type Kind string

// The kinds. Short and long lanes say "Connection: close", as a client without
// keep-alive does; they do not rely on it and close the connection themselves
// once the response is complete.
const (
	Short     Kind = "short"     // a connection per request
	KeepAlive Kind = "keepalive" // a pool of reused connections
	Long      Kind = "long"      // as short, for requests that take seconds
)

// Lane is one stream of requests with a ledger of its own.
type Lane struct {
	Name    string        `json:"name"` // unique in the plan; requests are called NAME-0, NAME-1, ...
	Kind    Kind          `json:"kind"`
	Rate    float64       `json:"rate"`            // requests per second
	Timeout time.Duration `json:"timeout"`         // for dialling, writing and reading together
	Conns   int           `json:"conns,omitempty"` // of a keep-alive lane: size of the pool, see pool
	Path    string        `json:"path,omitempty"`  // path and query to request instead of the URL's
	Work    time.Duration `json:"work,omitempty"`  // how long the server shall take: ?ms=, of /work where no path is given
}

// Bounds past which a request is Unsent, because the generator is short of
// means and the server is not to blame.
const (
	maxOpen = 10_000      // connections that one lane has open at a time
	maxLate = time.Second // by which a request may be started after it was due
)

// maxTarget bounds path and query, in bytes: a request has to fit into an empty
// socket buffer, so that writing it never blocks the pacer.
const maxTarget = 8 << 10

// laneName is what can stand in a header and be told apart from "-17".
var laneName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// validate names the first thing that is wrong with a plan and what to give
// instead.
func (p Plan) validate() error {
	u, err := parseURL(p.URL)
	if err != nil {
		return err
	}
	if p.Duration < 0 {
		return fmt.Errorf("duration %s: give a time above 0, such as 30s", p.Duration)
	}
	if len(p.Lanes) == 0 {
		return errors.New("the plan has no lanes: give at least one")
	}
	names := map[string]bool{evidence.LaneNoise: p.Noise}
	for _, l := range p.Lanes {
		if err := l.validate(u); err != nil {
			return err
		}
		if names[l.Name] {
			return fmt.Errorf("lane name %q is taken: give each lane its own", l.Name)
		}
		names[l.Name] = true
	}
	return nil
}

func (l Lane) validate(u *url.URL) error {
	switch {
	case l.Kind != Short && l.Kind != KeepAlive && l.Kind != Long:
		return fmt.Errorf("lane %q: there are short, keepalive and long", l.Kind)
	case !laneName.MatchString(l.Name):
		return fmt.Errorf("lane name %q: use letters, digits, '.', '_' and '-'", l.Name)
	case !(l.Rate > 0) || l.Rate > 100_000:
		return fmt.Errorf("rate %v: give requests per second, more than 0 and at most 100000", l.Rate)
	case l.Timeout <= 0:
		return fmt.Errorf("timeout %s: give a time above 0, such as 2s", l.Timeout)
	case l.Conns < 0 || l.Conns > maxOpen:
		return fmt.Errorf("conns %d: give 0 to %d", l.Conns, maxOpen)
	case l.Work < 0:
		return fmt.Errorf("work %s: give a time of 0 or more", l.Work)
	case l.Path != "" && (!strings.HasPrefix(l.Path, "/") || strings.HasPrefix(l.Path, "//")):
		return fmt.Errorf("path %q: give a path of the server, such as /healthz", l.Path)
	}
	t, err := l.target(u)
	if err != nil {
		return err
	}
	if len(t) > maxTarget {
		return fmt.Errorf("path and query take %d bytes: give at most %d", len(t), maxTarget)
	}
	return nil
}

// parseURL accepts what the generator can speak to.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" || u.Hostname() == "" {
		return nil, fmt.Errorf("url %q: give http://HOST[:PORT][/PATH]; no other scheme is spoken", s)
	}
	if u.User != nil {
		return nil, fmt.Errorf("url of host %q: leave the user and password out, they would not be sent", u.Host)
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > math.MaxUint16 {
			return nil, fmt.Errorf("url %q: give a port from 1 to 65535", s)
		}
	}
	return u, nil
}

// target is what the lane's request line names: the lane's own path or else the
// URL's, with ms= in the query when the server is to take its time.
func (l Lane) target(u *url.URL) (string, error) {
	t := *u
	if l.Path != "" {
		path, err := u.Parse(l.Path)
		if err != nil {
			return "", fmt.Errorf("path %q: give a path of the server, such as /healthz", l.Path)
		}
		t = *path
	}
	if l.Work > 0 {
		if t.Path == "" || t.Path == "/" {
			t.Path = "/work" // where pm2drill's own fixtures take it
		}
		q := t.Query()
		q.Set("ms", strconv.FormatInt(l.Work.Milliseconds(), 10))
		t.RawQuery = q.Encode()
	}
	return strings.ReplaceAll(t.RequestURI(), " ", "%20"), nil
}

// due is when the n-th request of a lane falls due, counted from its start: the
// whole pacer.
func due(n int, rate float64) time.Duration {
	return time.Duration(math.Round(float64(n) * float64(time.Second) / rate))
}
