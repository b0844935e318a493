package evidence

import (
	"fmt"
	"time"
)

// Lane names of connections that stay open. They owe no requests: what becomes of them is in
// Stream and StreamTally, apart from the other lanes.
const (
	LaneEvents     = "events"     // event streams (text/event-stream)
	LaneWebSockets = "websockets" // WebSockets
)

// StreamEnd is how one connection that was to stay open ended. Each ends in exactly one way.
type StreamEnd string

// The ends. Left and StreamUnsent are the generator's own doing.
const (
	StreamClosed  StreamEnd = "closed"  // by the server with notice: a complete answer, or a close frame
	StreamCut     StreamEnd = "cut"     // without notice
	StreamRefused StreamEnd = "refused" // never opened: no connection, no answer in time, or another status
	StreamLeft    StreamEnd = "left"    // by the client, when the load ended
	StreamUnsent  StreamEnd = "unsent"  // never tried: the generator lacked the means
)

// StreamEnds lists every end in the order reports show them.
func StreamEnds() []StreamEnd {
	return []StreamEnd{StreamClosed, StreamCut, StreamRefused, StreamLeft, StreamUnsent}
}

// Stream is the client's account of one connection that was to stay open.
type Stream struct {
	Lane   string        `json:"lane"`
	ID     string        `json:"id"`
	Client int           `json:"client"`           // which connects again after each end, from 0 within the lane
	Dialed time.Duration `json:"dialed"`           // when the client began to connect
	Opened time.Duration `json:"opened,omitempty"` // when the answer's header was there, 0 if never
	Ended  time.Duration `json:"ended"`
	Bytes  int64         `json:"bytes"` // that were received once it was open
	End    StreamEnd     `json:"end"`
	Code   int           `json:"code,omitempty"` // of a WebSocket's close frame, or the status of a refusal; 0 for none
	PID    int           `json:"pid,omitempty"`  // worker named by the answer's X-Worker-Pid
	Detail string        `json:"detail,omitempty"`
}

// StreamTally is the count for one lane, taken where a client begins to connect and not where
// the end is seen, so that a lost row shows.
type StreamTally struct {
	Lane    string            `json:"lane"`
	Clients int               `json:"clients"`
	Dialed  int               `json:"dialed"`
	Ends    map[StreamEnd]int `json:"ends"`
}

// balanceStreams checks that each connection that was begun has one end and one row.
func (r *Record) balanceStreams() error {
	rows, ids := map[string]map[StreamEnd]int{}, map[string]bool{}
	for _, s := range r.Streams {
		if ids[s.ID] {
			return fmt.Errorf("cannot balance the ledger: stream %s is recorded twice", s.ID)
		}
		ids[s.ID] = true
		if rows[s.Lane] == nil {
			rows[s.Lane] = map[StreamEnd]int{}
		}
		rows[s.Lane][s.End]++
	}
	for _, t := range r.StreamTallies {
		sum := 0
		for _, e := range StreamEnds() {
			sum += t.Ends[e]
			if t.Ends[e] != rows[t.Lane][e] {
				return fmt.Errorf("cannot balance lane %s: %d streams %s counted, %d recorded", t.Lane, t.Ends[e], e, rows[t.Lane][e])
			}
		}
		if sum != t.Dialed {
			return fmt.Errorf("cannot balance lane %s: %d streams begun, %d ended", t.Lane, t.Dialed, sum)
		}
		delete(rows, t.Lane)
	}
	for lane := range rows {
		return fmt.Errorf("cannot balance lane %s: it has streams and no tally", lane)
	}
	return nil
}
