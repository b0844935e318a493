package diagnose

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// past is what the observations say of one worker.
type past struct {
	look   time.Duration // the latest that had it
	down   time.Duration // since when it has not been up: down, or booting; -1 if it is up
	served time.Duration // when the process pid was last seen to serve
	pid    int
	memory memoryPast
}

// memoryPast is how much memory the processes of a worker have used, nobody having touched it.
type memoryPast struct {
	pid  int
	used int64 // the most that pid was seen to use, bytes
	ends []ended
}

// addPast adds what an observation says of each worker.
func (c *folded) addPast(o *observe.Observation) {
	before := time.Duration(-1)
	if n := len(c.history); n > 1 {
		before = c.history[n-2].At
	}
	for i := range o.Workers {
		w := &o.Workers[i]
		p := c.workers[w.ID]
		if p == nil {
			p = &past{down: -1}
			c.workers[w.ID] = p
		}
		if p.look != before || o.Rolling {
			p.down = -1
		}
		p.look = o.At
		switch o.DeriveState(*w, c.stall) {
		case observe.DerivedServing, observe.DerivedStopped, observe.DerivedStalled:
			p.down = -1
		default:
			if p.down < 0 && !o.Rolling {
				p.down = o.At
			}
		}
		if o.SawServing(*w) {
			p.served, p.pid = o.At, w.PID
		}
		if w.Limit > 0 {
			c.latest.limited = o.At
		}
		if c.latest.limited >= c.history[0].At {
			p.memory.add(o, w)
			p.memory.settle(c.deaths.all)
		}
	}
}

// add adds what an observation says of the memory that a worker uses.
func (m *memoryPast) add(o *observe.Observation, w *observe.Worker) {
	if o.Rolling || slices.ContainsFunc(o.Events, func(e observe.Event) bool { return e.Kind == observe.KindAsked && e.ID == w.ID }) ||
		slices.ContainsFunc(o.Actions, func(a observe.ActionEvent) bool { return a.ID == w.ID }) {
		*m = memoryPast{}
		return
	}
	if w.PID <= 0 || !w.Alive {
		return
	}
	if m.pid != 0 && w.PID != m.pid && m.used > w.Limit && w.Limit > 0 {
		m.ends = append(m.ends, ended{o.At, m.used, m.pid})
	}
	if w.PID != m.pid {
		m.pid, m.used = w.PID, 0
	}
	m.used = max(m.used, w.RSS)
}

// settle drops the ends of processes that have died by themselves.
func (m *memoryPast) settle(deaths []*life) {
	m.ends = slices.DeleteFunc(m.ends, func(e ended) bool {
		return slices.ContainsFunc(deaths, func(k *life) bool { return k.pid == e.pid })
	})
}

// findNotUpSince returns since when a worker has not been up: down, or booting. -1 if it
// is up.
func (c Facts) findNotUpSince(w observe.Worker) time.Duration {
	p := c.workers[w.ID]
	if p.down < 0 {
		return -1
	}
	return max(p.down, c.history[0].At)
}

// findLastServed returns when a worker's process was last seen to serve, 0 if it was not.
func (c Facts) findLastServed(w observe.Worker) time.Duration {
	if p := c.workers[w.ID]; p.pid == w.PID && p.served >= c.history[0].At {
		return p.served
	}
	return 0
}
