package diagnose

import (
	"sort"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Spans that rules look back over.
const (
	memory     = 60 * time.Second       // events older than this are forgotten
	fresh      = 3 * time.Second        // probes and looks at sockets older than this say nothing
	twice      = 150 * time.Millisecond // a state must last this long to be believed
	graceAsked = 20 * time.Second       // a process asked to end may take this long (kill_timeout)
)

// Facts is what the observations come to: the questions rules ask, answered once. They hold
// until their Reader reads the next observation. Rules must not change what they are given.
type Facts struct{ *folded }

// folded is what the observations of the last minute come to. Each is taken in once.
type folded struct {
	history []observe.Observation // oldest first
	Now     observe.Observation
	stall   time.Duration // silence after which an event loop counts as blocked
	lives   *lives
	deaths  deaths
	errors  []observe.Event      // KindError, KindException and KindLast, remembered
	ends    trail[observe.Event] // KindEnded
	unison  trail[observe.Event] // KindUnison
	watched trail[observe.Event] // KindWatched
	looks   trail[observe.Observation]
	probes  map[string]*trail[timedProbe]
	checks  trail[observe.Answer] // of the health URL, in the order of their ends
	sights  sights
	workers map[int]*past         // by worker id
	refused map[int]observe.Event // id -> PM2's word that it could not start the worker's process, until somebody starts or stops it
	latest  latest
	words   *nodeerr.Memo
	servers map[string][]string // what findServers found in a text, while Known is what it was

	// What this turn has asked for already.
	port    int // 0 when nobody ever looked
	crashes []crash
	by      map[int][]crash // by worker id
	desired []observe.Worker
	needed  []string // nil while nobody has asked
}

// crash is one end of a worker's process that nobody asked for.
type crash struct {
	at     time.Duration
	id     int
	pid    int           // 0 if no look has met it
	uptime time.Duration // -1 when the start was not seen
	came   bool          // the process had come up
	asked  bool          // PM2 had asked it to end, and it took longer than expected
	text   string        // its last words
}

// isAtBoot reports whether the process died before it came up, its start having been
// seen.
func (k crash) isAtBoot() bool { return !k.came && k.uptime >= 0 && k.uptime <= bootUptime }

// Reader turns observations into Facts as they come.
type Reader struct{ folded *folded }

// NewReader returns a Reader of one app. stall is the silence after which an event loop counts
// as blocked; words has been used by nobody else at the same time.
func NewReader(stall time.Duration, words *nodeerr.Memo) *Reader {
	return &Reader{&folded{stall: stall, words: words}}
}

// Read takes in an observation, which must be newer than those before, and returns what all
// of the last minute come to.
func (r *Reader) Read(o observe.Observation) Facts {
	c := r.folded
	c.history = remember(c.history, o)
	if len(c.history) == 1 {
		c.begin()
	}
	c.forgetOld(o)
	c.Now = o
	c.takeIn(&c.history[len(c.history)-1])
	c.prepareAnswers()
	return Facts{c}
}

// History returns the observations of the last minute, oldest first. Nobody may change them.
func (c Facts) History() []observe.Observation { return c.history }

// findHeldSince returns the time of the earliest look since which something has held at
// every one; now if it does not hold.
func (c Facts) findHeldSince(holds func(*observe.Observation) bool) time.Duration {
	since := c.Now.At
	for i := len(c.history) - 1; i >= 0 && holds(&c.history[i]); i-- {
		since = c.history[i].At
	}
	return since
}

// findWorkerHeldSince does what findHeldSince does for one worker, which must be on PM2's
// list.
func (c Facts) findWorkerHeldSince(id int, holds func(observe.Worker) bool) time.Duration {
	since := c.Now.At
	for i := len(c.history) - 1; i >= 0; i-- {
		w := findRow(&c.history[i], id)
		if w == nil || !holds(*w) {
			break
		}
		since = c.history[i].At
	}
	return since
}

// findRow returns the row of a worker id, nil if there is none.
func findRow(o *observe.Observation, id int) *observe.Worker {
	for i := range o.Workers {
		if o.Workers[i].ID == id {
			return &o.Workers[i]
		}
	}
	return nil
}

// subtractFromNow returns the moment d before now.
func (c Facts) subtractFromNow(d time.Duration) time.Duration { return c.Now.At - d }

// findLook returns the place of the first observation at t or later.
func (c *folded) findLook(t time.Duration) int {
	return sort.Search(len(c.history), func(i int) bool { return c.history[i].At >= t })
}

// remember returns a history with one more observation, without what rules do not look back to.
func remember(history []observe.Observation, o observe.Observation) []observe.Observation {
	history = append(history, o)
	first := 0
	for o.At-history[first].At > memory {
		first++
	}
	return history[first:]
}
