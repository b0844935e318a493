// Package load sends traffic at a constant rate and accounts for every request
// it owed. It owns its connections: it writes each request and reads each
// response itself and never tries anything twice, because an HTTP client that
// retries (Go's does) hides exactly the losses that are looked for here.
//
//	pacer --due--> lane --> connection --> ledger --> rows and a tally
//
// The load is open: requests fall due by the clock, whether the server keeps up
// or not, and latency counts from when a request was due.
package load

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Plan is what to send where.
type Plan struct {
	URL      string        `json:"url"` // http://host:port, to which each lane adds its path
	Lanes    []Lane        `json:"lanes"`
	Duration time.Duration `json:"duration,omitempty"` // 0: until told to stop
	Noise    bool          `json:"noise,omitempty"`    // also load a trivial server of our own, as lane "noise"
	Witness  bool          `json:"witness,omitempty"`  // a 2xx without X-Worker-Pid is somebody else's answer: WrongStatus
}

// Kind is how a lane uses connections.
type Kind string

// The kinds.
const (
	Short     Kind = "short"     // a connection per request, announced with Connection: close
	KeepAlive Kind = "keepalive" // a pool of reused connections
	Long      Kind = "long"      // as short, with requests that take seconds
	// Events and WebSockets are connections that stay open: Conns clients, each of which connects
	// again a second after its connection has ended. They owe no requests.
	Events     Kind = "events"
	WebSockets Kind = "websockets"
)

// Stays reports whether the lane's connections are to stay open.
func (k Kind) Stays() bool { return k == Events || k == WebSockets }

// Lane is one stream of requests with a ledger of its own.
type Lane struct {
	Name    string        `json:"name"`
	Kind    Kind          `json:"kind"`
	Rate    float64       `json:"rate"`            // requests per second
	Timeout time.Duration `json:"timeout"`         // from when the request was due
	Conns   int           `json:"conns,omitempty"` // of a keep-alive lane: connections opened at the start; of one that stays open: clients
	Work    time.Duration `json:"work,omitempty"`  // asks the fixtures to take so long: /work?ms=
	Path    string        `json:"path,omitempty"`  // what is asked of an app that is no fixture: /orders?n=1; "" for the plan's
	Asks
}

// maxConns bounds the connections of a keep-alive lane. When none is idle at
// the due time another one is opened, as the loop is open; past the bound the
// request is Unsent.
const maxConns = 2000

// maxInFlight bounds the requests of one lane under way at a time. Past it the
// generator is short of means, not the server: Unsent.
const maxInFlight = 20000

// maxLate is how late a request may start. One that starts later would lay the
// generator's delay to the server: Unsent.
const maxLate = 500 * time.Millisecond

// validate names the first thing that is wrong with a plan.
func (p Plan) validate() error {
	u, err := url.Parse(p.URL)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("url %q: give http://HOST[:PORT][/PATH]; other schemes are not supported", p.URL)
	}
	if len(p.Lanes) == 0 {
		return fmt.Errorf("the plan has no lanes")
	}
	for _, l := range p.Lanes {
		switch {
		case l.Kind.Stays() && (l.Conns < 1 || l.Conns > maxConns):
			return fmt.Errorf("conns %d: give 1 to %d clients that stay connected", l.Conns, maxConns)
		case l.Kind.Stays() && (l.Method != "" || l.Body != ""):
			return fmt.Errorf("lane %q: a connection that stays open is a GET without a body", l.Name)
		case !l.Kind.Stays() && l.Kind != Short && l.Kind != KeepAlive && l.Kind != Long:
			return fmt.Errorf("lane %q: there are short, keepalive and long", l.Kind)
		case !l.Kind.Stays() && (!(l.Rate > 0) || l.Rate > 100_000):
			return fmt.Errorf("rate %v: give requests per second, more than 0 and at most 100000", l.Rate)
		case l.Timeout <= 0:
			return fmt.Errorf("timeout %s: give a time above 0", l.Timeout)
		case l.Conns < 0 || l.Conns > maxConns:
			return fmt.Errorf("conns %d: give 0 to %d", l.Conns, maxConns)
		case l.Path != "" && !strings.HasPrefix(l.Path, "/"):
			return fmt.Errorf("path %q: give one that begins with /", l.Path)
		case l.Work < 0:
			return fmt.Errorf("work %s: give a time of 0 or more", l.Work)
		case l.Wrong() != "":
			return fmt.Errorf("lane %q: %s", l.Name, l.Wrong())
		}
	}
	return nil
}

// computeDue returns when the n-th request of a lane is due, counted from its start; the
// rate is in requests per second.
func computeDue(n int, rate float64) time.Duration {
	return time.Duration(float64(n) * float64(time.Second) / rate)
}
