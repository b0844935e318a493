package observe

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Focus says what the next observation must look at beyond PM2's list and
// /proc. A healthy app wants nothing: its sockets and its URL are left alone.
type Focus struct {
	Port      bool              // who listens on the app's port
	Addresses []string          // servers to try to reach
	Files     []nodeerr.Missing // files to look for
	Words     bool              // what each worker has written last
	Answers   int               // new connections to the health URL
	Fast      bool              // look again soon: something waits for a change
}

// Exceeds reports whether w asks for something that was did not: then the next
// look is due at once.
func (w Focus) Exceeds(was Focus) bool {
	return w.Port && !was.Port || w.Answers > 0 && was.Answers == 0 || w.Words && !was.Words ||
		slices.ContainsFunc(w.Files, func(f nodeerr.Missing) bool { return !slices.Contains(was.Files, f) }) ||
		slices.ContainsFunc(w.Addresses, func(a string) bool { return !slices.Contains(was.Addresses, a) })
}

// Times between two looks when no event comes.
const (
	SlowLook = time.Second
	FastLook = 200 * time.Millisecond
)

// PauseBefore is the time to the next look, the n-th. Fast looks come at uneven times,
// by multiples of the golden ratio: a worker that computes for 200 ms in every 250
// looks idle to whoever comes by each second on the dot.
func (w Focus) PauseBefore(n int) time.Duration {
	if w.Fast {
		return FastLook*3/4 + FastLook/2*time.Duration(n*n*618%1000)/1000
	}
	return SlowLook
}
