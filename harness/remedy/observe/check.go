package observe

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

// How the health URL is asked while all is well, and while nothing is: one new connection at
// a time, which PM2's cluster gives to one worker after the other.
const (
	checkEvery  = time.Second
	checkWithin = 4 * time.Second // an app may be slower to answer than answerWithin, and well
	maxChecks   = 4               // that wait for their answers at once
	slower      = 4               // times the usual time is not usual
	settling    = 16              // answers that make the usual time
)

// checker asks the health URL at regular times, beside the looks, which do not wait for the
// answers.
type checker struct {
	due time.Duration // of the next check; of the looks alone

	mu      sync.Mutex
	waiting int
	done    []Answer // since the last look
	usual   Usual
}

// checkHealth begins a check if one is due, and moves the answers that have come since the
// last look into o.
func (w *Watcher) checkHealth(ctx context.Context, o *Observation) {
	c := &w.check
	c.mu.Lock()
	o.Checks, c.done = c.done, nil
	o.Usual = c.usual
	begin := w.url != "" && o.At >= c.due && c.waiting < maxChecks
	if begin {
		c.waiting++
	}
	c.mu.Unlock()
	if never := o.Usual.Status == 0 && len(o.Checks) > 0; never && !slices.ContainsFunc(o.Checks, func(a Answer) bool { return a.Status > 0 }) {
		o.Others = w.findOthers(*o)
	}
	if !begin {
		return
	}
	c.due = o.At + checkEvery
	pids, expected := ListLivePIDs(o.Workers), w.expected
	go func() {
		a := checkOnce(ctx, w.url, w.port, pids)
		a.Meant = classifyStatus(a.Status, expected)
		if ctx.Err() == nil {
			c.takeAnswer(a)
		}
	}()
}

// checkOnce asks once. Of an answer that is no success it finds out whose it is, which
// costs a look at all sockets.
func checkOnce(ctx context.Context, url string, port int, pids []int) Answer {
	begun := host.Now()
	door := connection{within: checkWithin}
	a := door.get(ctx, url)
	a.At, a.Took = begun, host.Now()-begun
	if one := []Answer{a}; !a.Good() && door.local != (netip.AddrPort{}) {
		attribute(one, []connection{door}, port, pids)
		a = one[0]
	}
	door.transport.CloseIdleConnections()
	return a
}

// takeAnswer takes in an answer, and learns from it what is usual. The best class of
// answers is the usual one, and a failure of the server never is: what an ill app answers
// is not learned for more than the time that it has been ill since the engine began.
func (c *checker) takeAnswer(a Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting--
	c.done = append(c.done, a)
	if a.Error != "" || a.IsServerError() || a.Status == http.StatusTooManyRequests {
		return
	}
	switch class := a.Status / 100; {
	case c.usual.Status == 0 || class < c.usual.Status/100:
		c.usual = Usual{Status: a.Status, Took: a.Took}
	case class == c.usual.Status/100 && a.Took < slower*c.usual.Took:
		c.usual.Took += (a.Took - c.usual.Took) / settling
	}
}
