package drain

import (
	"fmt"
	"io"
	"time"
)

// Facts are what a worker says of itself over its inspector.
type Facts struct {
	Node     string `json:"node"`     // process.versions.node
	Sigint   int    `json:"sigint"`   // listeners for SIGINT; PM2 itself adds none
	Sigterm  int    `json:"sigterm"`  // listeners for SIGTERM
	Servers  int    `json:"servers"`  // HTTP servers that listen
	Others   int    `json:"others"`   // listening servers that do not speak HTTP/1
	Open     int    `json:"open"`     // connections of all these
	InFlight int    `json:"inFlight"` // requests begun and not answered in full
}

// Result says what became of a worker that was told to empty itself.
type Result struct {
	Means Means
	// Facts of the worker before it was emptied, nil when the inspector was not used.
	Facts *Facts
	// Refused says why the inspector was not used, nil when it was.
	Refused error
	// Respawned: the process has ended by itself and PM2 starts another one in
	// its place. Such a worker must not be restarted too.
	Respawned bool
	// Killed: the process was ended while each of its connections was between two
	// requests, which only Leave does. PM2 starts another one by itself.
	Killed bool
	// InFlight counts what the deadline cut off: unanswered requests, or
	// connections when Leave was the means. 0 is an empty worker.
	InFlight int
	// Streams counts those of them that were event streams, WebSockets or other answers in
	// parts: the client has had some of it, and nobody knows when it would have ended.
	Streams int
	// Confirmed: PM2's daemon has confirmed that it hands the worker nothing any
	// more. Only the inspector can have that said.
	Confirmed bool
	// Idle counts keep-alive connections that were closed while no request was
	// on them.
	Idle int
	Took time.Duration

	hold io.Closer // what keeps the process as it is
}

// isEmpty reports whether the worker is known to have had nothing left to do.
func (r Result) isEmpty() bool { return r.Means != Nothing && r.InFlight == 0 }

// Release lets go of a worker that was drained, once it has been replaced or is to
// be left alone. One that still lives serves again if the inspector was the means;
// after Leave it ends as soon as it is empty, if PM2's instrumentation is on. The second time
// it does nothing.
func (r *Result) Release() {
	if r.hold != nil {
		_ = r.hold.Close() // nothing is expected on it any more
		r.hold = nil
	}
}

// String says how it went: by what means, how long it took, what the deadline cut
// off, and why it was not the inspector.
func (r Result) String() string {
	if r.Means == Nothing {
		return "by PM2's SIGINT alone: the app has no URL"
	}
	if r.Means == "" {
		return "not at all: its process ended before"
	}
	s := fmt.Sprintf("by %s in %s", r.Means, r.Took.Round(time.Millisecond))
	switch {
	case r.Killed:
		s += fmt.Sprintf(", ended while each of its connections (%d) was between two requests", r.Idle)
	case r.InFlight > 0 && r.Streams == r.InFlight:
		s += fmt.Sprintf(", and event streams or other answers in parts were still open: %d", r.Streams)
	case r.InFlight > 0 && r.Means == Leave:
		s += fmt.Sprintf(", the drain's deadline passed with connections still open: %d", r.InFlight)
	case r.InFlight > 0:
		s += fmt.Sprintf(", the drain's deadline passed with requests unanswered: %d", r.InFlight)
	}
	if r.Refused != nil {
		s += fmt.Sprintf(" (%s)", r.Refused)
	}
	return s
}
