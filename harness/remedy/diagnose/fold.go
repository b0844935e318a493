package diagnose

import (
	"maps"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// latest is when something was last seen, -1 for never.
type latest struct {
	port    time.Duration // a look at the port
	killed  time.Duration // that PM2's daemon was told to end
	served  time.Duration // such an answer, of an app that serves
	limited time.Duration // a worker with a limit of its memory
	checked time.Duration // a check of the health URL
}

// deaths is what is known of ends of processes.
type deaths struct {
	asked map[int]time.Duration // id -> when somebody asked for its end
	own   map[int]time.Duration // id -> end of the engine's own action, later while open
	all   []*life               // that nobody asked for
}

// forget drops the deaths of a worker.
func (d *deaths) forget(id int) {
	d.all = slices.DeleteFunc(d.all, func(k *life) bool { return k.id == id })
}

// maxTexts bounds the texts whose servers are kept.
const maxTexts = 512

// begin knows nothing.
func (c *folded) begin() {
	never := time.Duration(-1)
	c.lives = &lives{now: map[int]*life{}, ended: map[int]*life{}}
	c.deaths = deaths{asked: map[int]time.Duration{}, own: map[int]time.Duration{}}
	c.errors, c.crashes, c.by = nil, nil, map[int][]crash{}
	c.ends, c.unison, c.watched, c.looks = trail[observe.Event]{}, trail[observe.Event]{}, trail[observe.Event]{}, trail[observe.Observation]{}
	c.probes, c.workers, c.servers = map[string]*trail[timedProbe]{}, map[int]*past{}, map[string][]string{}
	c.refused = map[int]observe.Event{}
	c.checks, c.sights = trail[observe.Answer]{}, sights{}
	c.latest = latest{never, never, never, never, never}
}

// forgetOld drops what rules do not look back to once o is taken in.
func (c *folded) forgetOld(o observe.Observation) {
	start := c.history[0].At
	c.ends.forget(start)
	c.unison.forget(start)
	c.watched.forget(start)
	c.looks.forget(start)
	maps.DeleteFunc(c.probes, func(_ string, p *trail[timedProbe]) bool { p.forget(start); return len(p.all) == 0 })
	over := func(_ int, at time.Duration) bool { return at < start }
	maps.DeleteFunc(c.deaths.asked, over)
	maps.DeleteFunc(c.deaths.own, over)
	maps.DeleteFunc(c.workers, func(_ int, p *past) bool { return p.look < start })
	c.checks.forget(start)
	c.sights.forget(start)
	c.lives.forget(start)
	old := func(at time.Duration) bool { return o.At-at > memory }
	if slices.ContainsFunc(c.errors, func(e observe.Event) bool { return old(e.At) }) {
		c.errors = slices.DeleteFunc(c.errors, func(e observe.Event) bool { return old(e.At) })
	}
	c.deaths.all = slices.DeleteFunc(c.deaths.all, func(k *life) bool { return old(k.last) })
	if !slices.Equal(o.Known, c.Now.Known) || len(c.servers) > maxTexts {
		clear(c.servers)
	}
}

// takeIn adds what the newest observation tells.
func (c *folded) takeIn(o *observe.Observation) {
	for _, d := range o.Actions {
		c.addAction(d)
	}
	for _, e := range o.Events {
		c.addEvent(e, o)
	}
	if n := len(c.history); n > 1 {
		for i := range o.Workers {
			if w := &o.Workers[i]; w.Alive && c.history[n-2].IsStopped(w.ID) { // somebody has started it, whoever did not say
				c.forget(w.ID)
			}
		}
	}
	c.lives.look(o, len(c.history) == 1)
	c.takeInLooks(o)
}

// takeInLooks adds what was looked at beyond PM2's list.
func (c *folded) takeInLooks(o *observe.Observation) {
	if o.Port != nil {
		c.latest.port = o.At
		c.looks.add(o.At, *o)
	}
	for _, p := range o.Probes {
		if c.probes[p.Address] == nil {
			c.probes[p.Address] = &trail[timedProbe]{}
		}
		c.probes[p.Address].add(o.At, timedProbe{o.At, p})
	}
	if slices.ContainsFunc(o.Answers, func(a observe.Answer) bool { return a.IsUsual(0) }) {
		c.latest.served = o.At
	}
	if len(o.Checks) > 0 {
		c.latest.checked = o.At
		for _, a := range o.Checks {
			c.checks.add(o.At, a)
		}
	}
	c.addPast(o)
	c.addSights(o)
}

// addAction files the beginning or the end of an action of the engine's.
func (c *folded) addAction(d observe.ActionEvent) {
	if observe.TouchesNone(d.Action) {
		return // it ends no process
	}
	c.deaths.own[d.ID] = d.At + computeOwnGrace(d)
	if (d.Action == engine.ActionRestart || d.Action == engine.ActionReplace) && d.Phase == engine.PhaseDone {
		c.forget(d.ID)
	}
}

// addEvent files one event.
func (c *folded) addEvent(e observe.Event, o *observe.Observation) {
	switch e.Kind {
	case observe.KindStopping:
		c.deaths.asked[e.ID] = e.At
	case observe.KindAsked:
		c.forget(e.ID)
		delete(c.refused, e.ID)
	case observe.KindKilled:
		c.latest.killed = o.At
	case observe.KindOnline:
		delete(c.refused, e.ID)
		// PM2 says so of a process that is ready, too, and of one that dies before (God.js).
		if c.lives.now[e.ID] == nil {
			c.lives.begin(e.ID, e.At, e.At)
		}
	case observe.KindError, observe.KindException, observe.KindPM2Log:
		c.addError(e)
		c.lives.hear(e)
		if e.Kind == observe.KindPM2Log && c.words.Read(e.Text).Class == nodeerr.NoCommand {
			c.refused[e.ID] = e
		}
	case observe.KindEnded:
		c.ends.add(o.At, e)
	case observe.KindUnison:
		c.unison.add(o.At, e)
	case observe.KindWatched:
		c.watched.add(o.At, e)
	case observe.KindLast:
		c.addError(e)
	case observe.KindExit:
		c.addExit(e, o.Rolling)
	}
}

// addExit files the end of a process. PM2 sends two for one that was asked to end, one for a crash.
func (c *folded) addExit(e observe.Event, rolling bool) {
	k := c.lives.end(e.ID, e.At)
	if t, ok := c.deaths.asked[e.ID]; ok && k.start <= t && e.At-t <= memory {
		if e.At-t <= graceAsked {
			return
		}
		k.asked = true
	}
	if !rolling && e.At > c.deaths.own[e.ID] && c.Now.At-e.At <= memory {
		c.deaths.all = append(c.deaths.all, k)
	}
}

// computeOwnGrace returns how long after an action's line an exit of that worker is still
// the engine's doing.
func computeOwnGrace(d observe.ActionEvent) time.Duration {
	if d.Phase == engine.PhaseBegin {
		return graceAsked
	}
	if d.Action == engine.ActionRestart || d.Action == engine.ActionReplace {
		return 0 // the new process is on its own
	}
	return 2 * time.Second
}

// forget closes what a worker complained of, and how it died: it has been started anew on
// purpose, and what it does from now on is another story.
func (c *folded) forget(id int) {
	c.errors = slices.DeleteFunc(c.errors, func(e observe.Event) bool { return e.ID == id })
	c.deaths.forget(id)
}

// addError remembers what a worker complained of.
func (c *folded) addError(e observe.Event) {
	if c.Now.At-e.At <= memory {
		c.errors = append(c.errors, e)
	}
}

// prepareAnswers computes what rules ask again and again.
func (c *folded) prepareAnswers() {
	c.needed, c.desired = nil, c.desired[:0]
	for i := range c.Now.Workers {
		if w := &c.Now.Workers[i]; c.Now.DeriveState(*w, c.stall) != observe.DerivedStopped {
			c.desired = append(c.desired, *w)
		}
	}
	c.port = 0
	if c.latest.port >= c.history[0].At {
		c.port = c.looks.all[len(c.looks.all)-1].Port.Number
	}
	c.crashes = c.crashes[:0]
	for id := range c.by {
		c.by[id] = c.by[id][:0]
	}
	if len(c.deaths.all) == 0 {
		return
	}
	c.lives.listen(c.words)
	for _, k := range c.deaths.all {
		one := crash{at: k.last, id: k.id, pid: k.pid, uptime: k.computeUptime(), came: k.came, asked: k.asked, text: c.lives.findWords(k, c.words)}
		c.crashes = append(c.crashes, one)
		c.by[k.id] = append(c.by[k.id], one)
	}
}
