package remedy

import (
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
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
	crashes []crash // of this app's workers, nobody having asked for them
	errors  []Event // KindError, KindException and KindLast, remembered
	port    int     // 0 when nobody ever looked
	// servers is what needs found in a text: an app says the same with every request.
	servers map[string][]string
}

// needs is needs of a text that has been read before, as a rule.
func (c casefile) needs(text string) []string {
	found, read := c.servers[text]
	if !read {
		found = needs(text)
		c.servers[text] = found
	}
	return found
}

// crash is one end of a worker's process that nobody asked for.
type crash struct {
	at     time.Duration
	id     int
	uptime time.Duration // -1 when the start was not seen
	text   string        // its last words
}

// newCase reads a history, oldest first; it must not be empty.
func newCase(history []Observation, limits Limits) casefile {
	c := casefile{history: history, now: history[len(history)-1], limits: limits, servers: map[string][]string{}}
	asked := map[int]time.Duration{}   // id -> when somebody asked for its end
	started := map[int]time.Duration{} // id -> last start
	said := map[int][]string{}         // id -> error texts since its last end
	own := map[int]time.Duration{}     // id -> end of the engine's own action, memory+ while open
	for i, o := range history {
		if o.Port != nil {
			c.port = o.Port.Number
		}
		for _, w := range o.Workers {
			if _, known := started[w.ID]; !known && i > 0 && w.Alive && w.Since == o.At {
				started[w.ID] = w.Since // its online event was missed
			}
		}
		for _, d := range o.Deeds {
			if touchesNone(d.Action) {
				continue // it ends no process
			}
			own[d.ID] = d.At + ownGrace(d)
			if (d.Action == engine.ActionRestart || d.Action == engine.ActionReplace) && d.Phase == engine.PhaseDone {
				c.forget(d.ID)
			}
		}
		for _, e := range o.Events {
			switch e.Kind {
			case KindStopping:
				asked[e.ID] = e.At
			case KindAsked:
				c.forget(e.ID)
			case KindOnline:
				started[e.ID] = e.At
			case KindError, KindException:
				said[e.ID] = append(said[e.ID], e.Text)
				c.hear(e)
				c.lateWords(e)
			case KindLast:
				c.hear(e)
			case KindExit:
				c.exit(e, asked, started, own, said, o.Rolling)
			}
		}
	}
	return c
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

// forget closes what a worker died and complained of: it has been started anew
// on purpose, and what it does from now on is another story.
func (c *casefile) forget(id int) {
	c.crashes = slices.DeleteFunc(c.crashes, func(k crash) bool { return k.id == id })
	c.errors = slices.DeleteFunc(c.errors, func(e Event) bool { return e.ID == id })
}

// exit files an exit event: as a crash unless somebody asked for it. PM2 sends
// two for a process that was asked to end, one for a crash.
func (c *casefile) exit(e Event, asked, started, own map[int]time.Duration, said map[int][]string, rolling bool) {
	words := last(said[e.ID])
	said[e.ID] = nil
	start, known := started[e.ID]
	delete(started, e.ID)
	if t, ok := asked[e.ID]; ok && e.At-t <= graceAsked && (!known || start <= t) {
		return
	}
	if rolling || e.At <= own[e.ID] || c.now.At-e.At > memory {
		return
	}
	k := crash{at: e.At, id: e.ID, uptime: -1, text: words}
	if known {
		k.uptime = e.At - start
	}
	c.crashes = append(c.crashes, k)
}

// hear remembers what a worker complained of.
func (c *casefile) hear(e Event) {
	if c.now.At-e.At <= memory {
		c.errors = append(c.errors, e)
	}
}

// lateWords gives an error text to the crash it belongs to when stderr arrives
// after the exit: the two travel by different pipes.
func (c *casefile) lateWords(e Event) {
	for i := len(c.crashes) - 1; i >= 0; i-- {
		if k := &c.crashes[i]; k.id == e.ID {
			if k.text == "" && e.At-k.at < time.Second {
				k.text = e.Text
			}
			return
		}
	}
}

// last picks the words to remember of what a worker said before it died: the
// latest text that names an error, else the latest.
func last(said []string) string {
	for _, s := range slices.Backward(said) {
		if errorLine.MatchString(headline(s)) {
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
func quote(text string) string { return strings.TrimSpace(headline(text)) }
