package load

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// lane sends one stream of requests.
type lane struct {
	spec    Lane
	addr    string
	request func(id string) []byte
	witness bool
	ledger  *ledger
	flight  chan struct{} // a place per request under way
	pool    pool
	wg      sync.WaitGroup

	mu    sync.Mutex
	conns int // opened so far: numbers them
}

func newLane(spec Lane, base string, witness bool, out *serial) (*lane, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("cannot run the load: %w", err)
	}
	addr := u.Host
	if u.Port() == "" {
		addr = u.Hostname() + ":80"
	}
	return &lane{
		spec: spec, addr: addr, witness: witness, ledger: newLedger(spec.Name, out),
		flight: make(chan struct{}, maxInFlight), request: newFormatter(u, spec),
	}, nil
}

// newFormatter returns the function that formats a request of the lane as it is sent.
func newFormatter(u *url.URL, spec Lane) func(id string) []byte {
	target := cmp.Or(spec.Path, u.RequestURI())
	if spec.Work > 0 {
		target = fmt.Sprintf("%s/work?ms=%d", strings.TrimSuffix(u.Path, "/"), spec.Work.Milliseconds())
	}
	connection := "close"
	if spec.Kind == KeepAlive {
		connection = "keep-alive"
	}
	head, rest := spec.getMethod()+" "+target+" HTTP/1.1\r\nHost: "+u.Host+"\r\n", spec.formatRest()
	return func(id string) []byte {
		return []byte(head + "X-Request-Id: " + id + "\r\nConnection: " + connection + "\r\n" + rest)
	}
}

// run owes the requests that fall due within d of start (for ever if d is 0), or
// until ctx ends, and returns when all are settled.
func (l *lane) run(ctx context.Context, start, d time.Duration) {
	if l.spec.Kind == KeepAlive {
		l.warm()
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for n := 0; d == 0 || computeDue(n, l.spec.Rate) < d; n++ {
		at := start + computeDue(n, l.spec.Rate)
		if wait := at - readClock(); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			break
		}
		l.owe(n, at)
	}
	l.wg.Wait()
	l.pool.close()
}

// owe starts the n-th request, or books it as unsent when there is no place.
func (l *lane) owe(n int, at time.Duration) {
	lag := readClock() - at
	l.ledger.owe(lag)
	r := evidence.Request{Lane: l.spec.Name, ID: fmt.Sprintf("%s-%d", l.spec.Name, n), Due: at}
	short := ""
	if lag > maxLate {
		short = fmt.Sprintf("the generator was %s late", lag.Round(time.Millisecond))
	} else {
		select {
		case l.flight <- struct{}{}:
		default:
			short = "too many requests under way"
		}
	}
	if short != "" {
		r.Class, r.Detail, r.Done = evidence.Unsent, short, readClock()
		l.ledger.settle(r)
		return
	}
	l.wg.Go(func() {
		l.exchange(&r)
		r.Done = readClock()
		<-l.flight
		l.ledger.settle(r)
	})
}

// exchange sends one request on a connection and reads its response; it fills
// in how that went.
func (l *lane) exchange(r *evidence.Request) {
	deadline := time.Now().Add(l.spec.Timeout - (readClock() - r.Due))
	c := l.pool.take()
	if c == nil {
		var err error
		if c, err = l.dial(deadline); err != nil {
			r.Class, r.Phase, r.Detail = classifyDial(err), "dial", err.Error()
			return
		}
	}
	r.Conn, r.Reused = c.number, c.used
	l.send(c, r, deadline)
}

// warm opens a keep-alive lane's pool before the first request is due.
func (l *lane) warm() {
	for range l.spec.Conns {
		c, err := l.dial(time.Now().Add(l.spec.Timeout))
		if err != nil {
			return // the first request that needs a connection will say so
		}
		l.pool.addIdle(c)
	}
}

func (l *lane) countConn() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns++
	return l.conns
}
