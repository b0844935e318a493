package diagnose

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Spans that rules look back over.
const (
	memory     = 60 * time.Second       // events older than this are forgotten
	fresh      = 3 * time.Second        // probes and looks at sockets older than this say nothing
	twice      = 150 * time.Millisecond // a state must last this long to be believed
	graceAsked = 20 * time.Second       // a process asked to end may take this long (kill_timeout)
)

// Facts is what the history comes to: the questions rules ask, answered once.
type Facts struct {
	history []observe.Observation
	Now     observe.Observation
	stall   time.Duration // silence after which an event loop counts as blocked
	lives   *lives
	crashes []crash         // of this app's workers, nobody having asked for them
	errors  []observe.Event // KindError, KindException and KindLast, remembered
	ends    []observe.Event // KindEnded, oldest first
	port    int             // 0 when nobody ever looked
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
	asked  bool          // PM2 had asked it to end, and it took longer than expected
	text   string        // its last words
}

// atBoot reports whether the process died before it came up, its start having been seen.
func (k crash) atBoot() bool { return !k.came && k.uptime >= 0 && k.uptime <= bootUptime }

// Read returns what a history of observations, oldest first, comes to. stall is the silence
// after which an event loop counts as blocked. The history must not be empty.
func Read(history []observe.Observation, stall time.Duration) Facts {
	c := Facts{
		history: history, Now: history[len(history)-1], stall: stall,
		lives: &lives{now: map[int]*life{}}, servers: map[string][]string{}, normal: map[string]string{},
	}
	r := reading{asked: map[int]time.Duration{}, own: map[int]time.Duration{}}
	for i, o := range history {
		if o.Port != nil {
			c.port = o.Port.Number
		}
		for _, d := range o.Actions {
			if observe.TouchesNone(d.Action) {
				continue // it ends no process
			}
			r.own[d.ID] = d.At + ownGrace(d)
			if (d.Action == engine.ActionRestart || d.Action == engine.ActionReplace) && d.Phase == engine.PhaseDone {
				c.forget(d.ID)
				r.forget(d.ID)
			}
		}
		for _, e := range o.Events {
			c.addEvent(e, &r, o.Rolling)
		}
		for _, w := range o.Workers {
			if i > 0 && w.Alive && history[i-1].IsStopped(w.ID) { // somebody has started it, whoever did not say
				c.forget(w.ID)
				r.forget(w.ID)
			}
		}
		c.lives.look(o, i == 0)
	}
	for _, k := range r.ends {
		c.crashes = append(c.crashes, crash{at: k.last, id: k.id, pid: k.pid, uptime: k.uptime(), came: k.came, asked: k.asked, text: c.lives.words(k, c.normalise)})
	}
	return c
}

// reading is what Read knows half way through a history.
type reading struct {
	asked map[int]time.Duration // id -> when somebody asked for its end
	own   map[int]time.Duration // id -> end of the engine's own action, later while open
	ends  []*life               // that nobody asked for
}

func (r *reading) forget(id int) {
	r.ends = slices.DeleteFunc(r.ends, func(k *life) bool { return k.id == id })
}

// addEvent files one event.
func (c *Facts) addEvent(e observe.Event, r *reading, rolling bool) {
	switch e.Kind {
	case observe.KindStopping:
		r.asked[e.ID] = e.At
	case observe.KindAsked:
		c.forget(e.ID)
		r.forget(e.ID)
	case observe.KindOnline:
		// PM2 says so of a process that is ready, too, and of one that dies before (God.js).
		if c.lives.now[e.ID] == nil {
			c.lives.begin(e.ID, e.At, e.At)
		}
	case observe.KindError, observe.KindException, observe.KindPM2Log:
		c.addError(e)
		c.lives.hear(e)
	case observe.KindEnded:
		c.ends = append(c.ends, e)
	case observe.KindLast:
		c.addError(e)
	case observe.KindExit:
		// PM2 sends two for a process that was asked to end, one for a crash.
		k := c.lives.end(e.ID, e.At)
		if t, ok := r.asked[e.ID]; ok && k.start <= t {
			if e.At-t <= graceAsked {
				return
			}
			k.asked = true
		}
		if !rolling && e.At > r.own[e.ID] && c.Now.At-e.At <= memory {
			r.ends = append(r.ends, k)
		}
	}
}

// ownGrace returns how long after an action's line an exit of that worker is still the
// engine's doing.
func ownGrace(d observe.ActionEvent) time.Duration {
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
func (c *Facts) forget(id int) {
	c.errors = slices.DeleteFunc(c.errors, func(e observe.Event) bool { return e.ID == id })
}

// addError remembers what a worker complained of.
func (c *Facts) addError(e observe.Event) {
	if c.Now.At-e.At <= memory {
		c.errors = append(c.errors, e)
	}
}

// holdsSince returns the time of the earliest look since which something has held at every
// one; now if it does not hold.
func (c Facts) holdsSince(holds func(observe.Observation) bool) time.Duration {
	since := c.Now.At
	for _, o := range slices.Backward(c.history) {
		if !holds(o) {
			break
		}
		since = o.At
	}
	return since
}

// workerHoldsSince is holdsSince of one worker, which must be on PM2's list.
func (c Facts) workerHoldsSince(id int, holds func(observe.Worker) bool) time.Duration {
	return c.holdsSince(func(o observe.Observation) bool {
		w, ok := o.FindWorker(id)
		return ok && holds(w)
	})
}

// ago returns the moment d before now.
func (c Facts) ago(d time.Duration) time.Duration { return c.Now.At - d }

// Remember returns a history with one more observation, without what rules do not look back to.
func Remember(history []observe.Observation, o observe.Observation) []observe.Observation {
	history = append(history, o)
	first := 0
	for o.At-history[first].At > memory {
		first++
	}
	return history[first:]
}
