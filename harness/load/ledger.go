package load

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Check holds tallies and rows to the conservation law: what each lane's pacer
// owed is what was settled, class by class, and what was recorded, each id once.
// The error names the lane and both figures.
func Check(tallies []evidence.Tally, requests []evidence.Request) error {
	r := evidence.Record{Tallies: tallies, Requests: requests}
	return r.Balance()
}

// ledger keeps a lane's books. What is owed is counted where it falls due, what
// became of it where it is settled, and rows once more where they are handed
// out, so that a request which gets lost on the way leaves the books unbalanced.
type ledger struct {
	lane string

	mu      sync.Mutex
	owed    int
	counts  map[evidence.Class]int
	maxLag  time.Duration
	rows    []evidence.Request // settled and not handed out yet
	emitted int
}

func newLedger(lane string) *ledger {
	return &ledger{lane: lane, counts: map[evidence.Class]int{}}
}

func (l *ledger) owe() {
	l.mu.Lock()
	l.owed++
	l.mu.Unlock()
}

// started notes how long after it was due a request was started.
func (l *ledger) started(lag time.Duration) {
	l.mu.Lock()
	l.maxLag = max(l.maxLag, lag)
	l.mu.Unlock()
}

func (l *ledger) settle(r evidence.Request) {
	l.mu.Lock()
	l.counts[r.Class]++
	l.rows = append(l.rows, r)
	l.mu.Unlock()
}

// drain hands out the rows settled since the last call. spare is an array it
// may settle further rows into.
func (l *ledger) drain(spare []evidence.Request) []evidence.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	rows := l.rows
	l.rows = spare[:0]
	l.emitted += len(rows)
	return rows
}

func (l *ledger) tally() evidence.Tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	return evidence.Tally{Lane: l.lane, Owed: l.owed, Counts: maps.Clone(l.counts), MaxLag: l.maxLag}
}

func (l *ledger) progress() evidence.Progress {
	t := l.tally()
	return evidence.Progress{Lane: l.lane, Owed: t.Owed, Answered: t.Counts[evidence.Answered], Dropped: dropped(t)}
}

// check holds a finished lane to its own books.
func (l *ledger) check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	settled := 0
	for _, n := range l.counts {
		settled += n
	}
	if l.owed != settled || l.owed != l.emitted {
		return fmt.Errorf("cannot balance lane %s: %d owed, %d settled, %d recorded", l.lane, l.owed, settled, l.emitted)
	}
	return nil
}

func dropped(t evidence.Tally) int {
	sum := 0
	for c, n := range t.Counts {
		if c.Dropped() {
			sum += n
		}
	}
	return sum
}
