package load

import (
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// ledger keeps a lane's books. What is owed is counted where it falls due and
// what became of it where it is settled, so that a request which gets lost
// between the two leaves the books unbalanced.
type ledger struct {
	lane string
	out  *serial

	mu     sync.Mutex
	owed   int
	counts map[evidence.Class]int
	maxLag time.Duration
}

func newLedger(lane string, out *serial) *ledger {
	return &ledger{lane: lane, out: out, counts: map[evidence.Class]int{}}
}

// owe books a request that has fallen due, and how late the pacer was.
func (l *ledger) owe(lag time.Duration) {
	l.mu.Lock()
	l.owed++
	l.maxLag = max(l.maxLag, lag)
	l.mu.Unlock()
}

func (l *ledger) settle(r evidence.Request) {
	l.mu.Lock()
	l.counts[r.Class]++
	l.mu.Unlock()
	l.out.passLine(evidence.Line{Request: &r})
}

func (l *ledger) buildTally() evidence.Tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[evidence.Class]int, len(l.counts))
	for c, n := range l.counts {
		counts[c] = n
	}
	return evidence.Tally{Lane: l.lane, Owed: l.owed, Counts: counts, MaxLag: l.maxLag}
}

func (l *ledger) buildProgress() evidence.Progress {
	t := l.buildTally()
	p := evidence.Progress{Lane: l.lane, Owed: t.Owed, Answered: t.Counts[evidence.Answered]}
	for c, n := range t.Counts {
		if c.Dropped() {
			p.Dropped += n
		}
	}
	return p
}
