package drain

import (
	"net/netip"
	"time"

	"github.com/pm2drill/pm2drill/harness/host"
)

// settled is how long a connection must have been quiet: a client that sends its next
// request as soon as it has an answer does so within that time.
const settled = 5 * time.Millisecond

// unused is how long nothing must have come on a new connection before it counts as
// one that a client has opened in advance.
const unused = time.Second

// talks tells from the kernel's counters whether a worker is between two requests on
// each of its connections, which cannot be seen in one look alone. What was sent last
// after what came last is an answer, unless more is sent later with nothing asked in
// between: that is an answer in parts, and ends nobody knows when.
type talks struct {
	anchor netip.AddrPort // of our own connection, which does not count
	of     map[netip.AddrPort]talk

	open    int  // connections, as last seen
	streams int  // those of them that get an answer in parts
	waiting int  // those that wait for an answer, or may
	idle    bool // each of them is between two requests
}

type talk struct {
	received, sent uint64
	answered       bool
	parts          bool
}

// look takes in what the kernel shows of the worker's connections now.
func (t *talks) look(seen []host.Exchange) {
	now := map[netip.AddrPort]talk{}
	t.open, t.streams, t.waiting = 0, 0, 0
	for _, e := range seen {
		if e.Remote == t.anchor {
			continue
		}
		was, known := t.of[e.Remote]
		is := was.advance(e, known)
		now[e.Remote] = is
		t.open++
		quiet := e.RecvQ == 0 && e.SendQ == 0 && e.LastSent >= settled && e.LastReceived >= settled
		switch {
		case is.parts:
			t.streams++
		case !quiet || !is.answered:
			t.waiting++
		}
	}
	t.idle = t.streams+t.waiting == 0
	t.of = now
}

// advance returns the talk after another look. Within a tick of the kernel's clock it is
// not known whether data came first or went first: then what was known before holds.
func (t talk) advance(e host.Exchange, known bool) talk {
	asked, told := e.Received != t.received, e.Sent != t.sent
	switch {
	case !known || asked:
		t.parts = false
	case told && t.answered:
		t.parts = true
	}
	switch {
	case e.Received == 0:
		t.answered = e.LastReceived >= unused
	case e.LastSent < e.LastReceived:
		t.answered = true
	case e.LastSent > e.LastReceived:
		t.answered = false
	}
	t.received, t.sent = e.Received, e.Sent
	return t
}
