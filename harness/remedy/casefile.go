package remedy

import (
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Spans that rules look back over.
const (
	memory     = 60 * time.Second       // events older than this are forgotten
	fresh      = 3 * time.Second        // probes and looks at sockets older than this say nothing
	twice      = 150 * time.Millisecond // a state must last this long to be believed
	graceAsked = 20 * time.Second       // a process asked to end may take this long (kill_timeout)
)

// casefile is what the history comes to: the questions rules ask, answered once.
type casefile struct {
	history []Observation
	now     Observation
	limits  Limits
	lives   *lives
	crashes []crash // of this app's workers, nobody having asked for them
	errors  []Event // KindError, KindException and KindLast, remembered
	port    int     // 0 when nobody ever looked
	// servers is what needs found in a text, and normal what normalise made of it: an app
	// says the same with every request.
	servers map[string][]string
	normal  map[string]string
}

// crash is one end of a worker's process that nobody asked for.
type crash struct {
	at     time.Duration
	id     int
	pid    int           // 0 if no look has met it
	uptime time.Duration // -1 when the start was not seen
	came   bool          // the process had come up
	text   string        // its last words
}

// atBoot reports whether the process died before it came up, its start having been seen.
func (k crash) atBoot() bool { return !k.came && k.uptime >= 0 && k.uptime <= bootUptime }

// newCase reads a history, oldest first; it must not be empty.
func newCase(history []Observation, limits Limits) casefile {
	c := casefile{
		history: history, now: history[len(history)-1], limits: limits,
		lives: &lives{now: map[int]*life{}}, servers: map[string][]string{}, normal: map[string]string{},
	}
	r := reading{asked: map[int]time.Duration{}, own: map[int]time.Duration{}}
	for i, o := range history {
		if o.Port != nil {
			c.port = o.Port.Number
		}
		for _, d := range o.Deeds {
			if touchesNone(d.Action) {
				continue // it ends no process
			}
			r.own[d.ID] = d.At + ownGrace(d)
			if (d.Action == engine.ActionRestart || d.Action == engine.ActionReplace) && d.Phase == engine.PhaseDone {
				c.forget(d.ID)
				r.forget(d.ID)
			}
		}
		for _, e := range o.Events {
			c.take(e, &r, o.Rolling)
		}
		for _, w := range o.Workers {
			if i > 0 && w.Alive && history[i-1].stopped(w.ID) { // somebody has started it, whoever did not say
				c.forget(w.ID)
				r.forget(w.ID)
			}
		}
		c.lives.look(o, i == 0)
	}
	for _, k := range r.ends {
		c.crashes = append(c.crashes, crash{at: k.last, id: k.id, pid: k.pid, uptime: k.uptime(), came: k.came, text: c.lives.words(k, c.same)})
	}
	return c
}

// reading is what newCase knows half way through a history.
type reading struct {
	asked map[int]time.Duration // id -> when somebody asked for its end
	own   map[int]time.Duration // id -> end of the engine's own action, later while open
	ends  []*life               // that nobody asked for
}

func (r *reading) forget(id int) {
	r.ends = slices.DeleteFunc(r.ends, func(k *life) bool { return k.id == id })
}

// take files one event.
func (c *casefile) take(e Event, r *reading, rolling bool) {
	switch e.Kind {
	case KindStopping:
		r.asked[e.ID] = e.At
	case KindAsked:
		c.forget(e.ID)
		r.forget(e.ID)
	case KindOnline:
		// PM2 says so of a process that is ready, too, and of one that dies before (God.js).
		if c.lives.now[e.ID] == nil {
			c.lives.begin(e.ID, e.At, e.At)
		}
	case KindError, KindException:
		c.hear(e)
		c.lives.hear(e)
	case KindLast:
		c.hear(e)
	case KindExit:
		// PM2 sends two for a process that was asked to end, one for a crash.
		k := c.lives.end(e.ID, e.At)
		if t, ok := r.asked[e.ID]; ok && e.At-t <= graceAsked && k.start <= t {
			return
		}
		if !rolling && e.At > r.own[e.ID] && c.now.At-e.At <= memory {
			r.ends = append(r.ends, k)
		}
	}
}

// ownGrace is how long after a deed's line an exit of that worker is still the
// engine's doing.
func ownGrace(d Deed) time.Duration {
	if d.Phase == engine.PhaseBegin {
		return graceAsked
	}
	if d.Action == engine.ActionRestart || d.Action == engine.ActionReplace {
		return 0 // the new process is on its own
	}
	return 2 * time.Second
}

// forget closes what a worker complained of: it has been started anew on purpose, and
// what it does from now on is another story.
func (c *casefile) forget(id int) {
	c.errors = slices.DeleteFunc(c.errors, func(e Event) bool { return e.ID == id })
}

// hear remembers what a worker complained of.
func (c *casefile) hear(e Event) {
	if c.now.At-e.At <= memory {
		c.errors = append(c.errors, e)
	}
}

// last picks the words to remember of what a worker said before it died: the
// latest text that names an error, else the latest.
func last(said []string) string {
	for _, s := range slices.Backward(said) {
		if nodeerr.NamesError(s) {
			return s
		}
	}
	if len(said) > 0 {
		return said[len(said)-1]
	}
	return ""
}

// minded lists the workers that the operator wants to run: all but those that
// somebody stopped.
func (c casefile) minded() []Worker {
	var out []Worker
	for _, w := range c.now.Workers {
		if c.now.derived(w, c.limits.Stall) != derivedStopped {
			out = append(out, w)
		}
	}
	return out
}

// crashesOf returns a worker's crashes since t, oldest first.
func (c casefile) crashesOf(id int, t time.Duration) []crash {
	var out []crash
	for _, k := range c.crashes {
		if k.id == id && k.at >= t {
			out = append(out, k)
		}
	}
	return out
}

// suffering lists the worker ids that gave up, or crashed since t.
func (c casefile) suffering(t time.Duration) []int {
	var out []int
	for _, w := range c.minded() {
		if w.GaveUp || len(c.crashesOf(w.ID, t)) > 0 {
			out = append(out, w.ID)
		}
	}
	return out
}

// dyingOf lists the workers that cannot come up because of what match finds in a text:
// the last words of their own latest death name it, that process was seen not to have come
// up, and it was not their first death. One that serves may die of anything once, and is PM2's to
// start again.
func (c casefile) dyingOf(match func(text string) bool) []int {
	var out []int
	for _, w := range c.minded() {
		crashes := c.crashesOf(w.ID, c.ago(memory))
		n := len(crashes)
		if n > 0 && (w.GaveUp || n > 1 && c.unserved(crashes[n-1])) && match(crashes[n-1].text) {
			out = append(out, w.ID)
		} else if n == 0 && w.GaveUp && len(c.complaintsOf(w.ID, match)) > 0 {
			out = append(out, w.ID)
		}
	}
	return out
}

// complaintsOf are the texts of one worker for which match holds, of all that is
// remembered.
func (c casefile) complaintsOf(id int, match func(text string) bool) []Event {
	return c.complaints(c.ago(memory), match)[id]
}

// allSuffer reports whether every minded worker has crashed or was given up,
// and since when. Where nobody is left, nobody does.
func (c casefile) allSuffer() (since time.Duration, all bool) {
	for _, w := range c.minded() {
		all = true
		crashes := c.crashesOf(w.ID, c.ago(memory))
		if len(crashes) == 0 {
			return 0, false
		}
		since = max(since, crashes[0].at)
	}
	return since, all
}

// complaints returns the error texts since t for which match holds, by worker.
func (c casefile) complaints(t time.Duration, match func(text string) bool) map[int][]Event {
	out := map[int][]Event{}
	for _, e := range c.errors {
		if e.At >= t && match(e.Text) {
			out[e.ID] = append(out[e.ID], e)
		}
	}
	return out
}

// looks returns the observations since t in which somebody looked at the port.
func (c casefile) looks(t time.Duration) []Observation {
	var out []Observation
	for _, o := range c.history {
		if o.Port != nil && o.At >= t {
			out = append(out, o)
		}
	}
	return out
}

// tried is one probe with its time.
type tried struct {
	at time.Duration
	Probe
}

// probes returns the probes of an address since t, oldest first.
func (c casefile) probes(address string, t time.Duration) []tried {
	var out []tried
	for _, o := range c.history {
		for _, p := range o.Probes {
			if p.Address == address && o.At >= t {
				out = append(out, tried{o.At, p})
			}
		}
	}
	return out
}

// ago is a moment d before now.
func (c casefile) ago(d time.Duration) time.Duration { return c.now.At - d }

// most reports whether n workers are half or more of those the operator wants.
func (c casefile) most(n int) bool { return n > 0 && 2*n >= len(c.minded()) }

// quote is an error text as evidence: one line, clipped.
func quote(text string) string { return strings.TrimSpace(nodeerr.FindHeadline(text)) }
