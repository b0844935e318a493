package load

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Fate is the server's word on one request.
type Fate string

// The fates. A request that several workers took has the best of them.
const (
	NeverReceived Fate = "never-received" // no worker's journal has it
	Begun         Fate = "begun"          // taken, and neither finished nor aborted: the worker died, or still runs
	Aborted       Fate = "aborted"        // the connection closed before the answer was written
	Finished      Fate = "finished"       // the whole answer was handed to the kernel
)

// rank orders fates by how far a request came.
func (f Fate) rank() int {
	return slices.Index([]Fate{NeverReceived, Begun, Aborted, Finished}, f)
}

// Reconciliation lays the client's ledger beside the app's journal.
type Reconciliation struct {
	// Fates counts requests by lane, the client's class and the server's word.
	Fates map[string]map[evidence.Class]map[Fate]int `json:"fates"`
	// Late lists requests that the client gave up and the server finished after
	// all: dropped, but executed.
	Late []string `json:"late,omitempty"`
	// Twice lists requests that were begun more than once although the client
	// sent each once.
	Twice []string `json:"twice,omitempty"`
}

// entry is what the journal has on one id.
type entry struct {
	fate  Fate
	begun int
	pids  []int
}

// Reconcile joins what the client says of each request with what the app's
// workers journaled. The noise arm's requests are left out; journal lines whose
// id belongs to none of the ledger's lanes are somebody else's traffic.
//
// It fails when the two witnesses contradict each other, and names the first
// request of each kind: one that the client calls answered and no worker took,
// or that another pid finished than the answer named; one that the client says
// it never sent and a worker took; one of the client's lanes that a worker took
// and the ledger does not have. The counts are complete even then.
func Reconcile(requests []evidence.Request, served []evidence.Served) (Reconciliation, error) {
	journal := index(served)
	r := Reconciliation{Fates: map[string]map[evidence.Class]map[Fate]int{}}
	var lies contradictions
	known := make(map[string]bool, len(requests))
	for i := range requests {
		q := &requests[i]
		if q.Lane == evidence.LaneNoise {
			continue
		}
		known[q.ID] = true
		e := journal[q.ID]
		if e == nil {
			e = &entry{fate: NeverReceived}
		}
		r.book(q, e)
		lies.hear(q, e)
	}
	for id := range journal {
		if lane, ok := laneOf(id); ok && r.Fates[lane] != nil && !known[id] {
			lies.add("taken by a worker and missing from the client's ledger", id)
		}
	}
	slices.Sort(r.Late)
	slices.Sort(r.Twice)
	return r, lies.err()
}

func index(served []evidence.Served) map[string]*entry {
	journal := make(map[string]*entry, len(served))
	for _, s := range served {
		e := journal[s.ID]
		if e == nil {
			e = &entry{fate: Begun}
			journal[s.ID] = e
		}
		if s.Phase == string(Begun) {
			e.begun++
		}
		if f := Fate(s.Phase); f.rank() > e.fate.rank() {
			e.fate = f
		}
		if !slices.Contains(e.pids, s.PID) {
			e.pids = append(e.pids, s.PID)
		}
	}
	return journal
}

func (r *Reconciliation) book(q *evidence.Request, e *entry) {
	lane := r.Fates[q.Lane]
	if lane == nil {
		lane = map[evidence.Class]map[Fate]int{}
		r.Fates[q.Lane] = lane
	}
	if lane[q.Class] == nil {
		lane[q.Class] = map[Fate]int{}
	}
	lane[q.Class][e.fate]++
	if q.Class == evidence.TimedOut && e.fate == Finished {
		r.Late = append(r.Late, q.ID)
	}
	if e.begun > 1 {
		r.Twice = append(r.Twice, q.ID)
	}
}

// contradictions gathers ids by what is wrong with them.
type contradictions struct {
	kinds []string
	ids   map[string][]string
}

// hear compares the two accounts of one request.
func (l *contradictions) hear(q *evidence.Request, e *entry) {
	taken := e.fate != NeverReceived
	switch {
	case q.Class == evidence.Answered && !taken:
		l.add("answered, says the client, and in no worker's journal", q.ID)
	case q.Class == evidence.Answered && q.PID > 0 && !slices.Contains(e.pids, q.PID):
		l.add("answered by another pid than journaled it", q.ID)
	case (q.Class == evidence.Unsent || q.Class == evidence.Refused) && taken:
		l.add("never sent, says the client, and taken by a worker", q.ID)
	}
}

func (l *contradictions) add(kind, id string) {
	if l.ids == nil {
		l.ids = map[string][]string{}
	}
	if l.ids[kind] == nil {
		l.kinds = append(l.kinds, kind)
	}
	l.ids[kind] = append(l.ids[kind], id)
}

func (l *contradictions) err() error {
	var errs []error
	for _, kind := range l.kinds {
		ids := l.ids[kind]
		errs = append(errs, fmt.Errorf("cannot reconcile %d requests, %s: first %s", len(ids), kind, slices.Min(ids)))
	}
	return errors.Join(errs...)
}

// laneOf is the lane that a request id of ours names.
func laneOf(id string) (string, bool) {
	i := strings.LastIndexByte(id, '-')
	if i <= 0 || i == len(id)-1 || strings.Trim(id[i+1:], "0123456789") != "" {
		return "", false
	}
	return id[:i], true
}
