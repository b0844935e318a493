package load

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// lane sends one stream of requests.
type lane struct {
	spec    Lane
	server  *server
	script  script
	witness bool
	ledger  *ledger
	get     *http.Request // what every response answers; tells which have a body

	pool    pool
	conns   atomic.Int64   // opened so far: numbers them
	readers sync.Pool      // of *bufio.Reader
	owed    sync.WaitGroup // requests not settled
	serving sync.WaitGroup // connections not closed
}

func newLane(spec Lane, u *url.URL, s *server, witness bool) (*lane, error) {
	script, err := newScript(u, spec)
	if err != nil {
		return nil, err
	}
	return &lane{
		spec: spec, server: s, script: script, witness: witness, ledger: newLedger(spec.Name),
		get: &http.Request{Method: http.MethodGet}, pool: pool{size: spec.Conns},
		readers: sync.Pool{New: func() any { return bufio.NewReader(nil) }},
	}, nil
}

// run owes the requests that fall due within d of start (for ever if d is 0), or
// until ctx ends, and returns when all are settled.
func (l *lane) run(ctx context.Context, start, d time.Duration) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for n := 0; d == 0 || due(n, l.spec.Rate) < d; n++ {
		at := start + due(n, l.spec.Rate)
		if wait := at - now(); wait > 0 {
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
	l.owed.Wait()
	l.pool.close()
	l.serving.Wait()
}

// owe starts the n-th request, or books it as unsent when it cannot be. The
// timeout runs from here, so that a delay of the generator's own is never taken
// off the server's time; how long that delay may be is bounded by maxLate.
func (l *lane) owe(n int, at time.Duration) {
	l.ledger.owe()
	l.owed.Add(1)
	q := evidence.Request{Lane: l.spec.Name, ID: l.spec.Name + "-" + strconv.Itoa(n), Due: at}
	lag := now() - at
	l.ledger.started(lag)
	if lag > maxLate {
		l.unsent(q, fmt.Sprintf("the generator was %s behind", lag.Round(time.Millisecond)))
		return
	}
	deadline := time.Now().Add(l.spec.Timeout)
	for {
		c, ok := l.pool.claim()
		switch {
		case !ok:
			l.unsent(q, fmt.Sprintf("all of %d connections are busy", maxOpen))
			return
		case c == nil:
			l.serving.Go(func() { l.open(q, deadline) })
			return
		case c.give(q, deadline):
			return
		}
		// That one had ended while it was idle, and nothing was sent on it.
	}
}

// open carries a request, and those that follow on it, on a new connection.
func (l *lane) open(q evidence.Request, deadline time.Time) {
	nc, err := l.server.dial(deadline)
	if err != nil {
		l.pool.gone(nil)
		q.Class, q.Phase, q.Detail = dialLoss(err), phaseDial, detail(err)
		l.settle(q)
		return
	}
	c := &conn{lane: l, nc: nc, number: int(l.conns.Add(1))}
	defer l.pool.gone(c)
	c.raw, err = nc.SyscallConn()
	if err != nil { // only of a connection that is none
		_ = nc.Close()
		l.unsent(q, err.Error())
		return
	}
	r, _ := l.readers.Get().(*bufio.Reader)
	r.Reset(nc)
	c.r = r
	c.give(q, deadline)
	c.serve()
	r.Reset(nil)
	l.readers.Put(r)
}

func (l *lane) unsent(q evidence.Request, why string) {
	q.Class, q.Detail = evidence.Unsent, why
	l.settle(q)
}

// settle books a request's end.
func (l *lane) settle(q evidence.Request) {
	q.Done = now()
	l.ledger.settle(q)
	l.owed.Done()
}
