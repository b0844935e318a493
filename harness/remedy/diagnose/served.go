package diagnose

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of unserved.
const (
	noStart  = 300 * time.Millisecond // no process boots and serves within
	lateLook = 8                      // the last look at a process counts within an eighth of its life before its end
)

// hasNeverServed reports whether the engine knows that a process died before it came up.
// That it has not seen it serve is not enough, since on a starved host it sees little:
// the process lived for less than any start takes, or a look shortly before its end met
// it while nobody listened, or while the health URL answered and others had answered it.
func (c Facts) hasNeverServed(k crash) bool {
	if k.came || k.uptime < 0 || k.uptime > bootUptime {
		return false
	}
	if k.uptime <= noStart {
		return true
	}
	for i := c.findLook(k.at+1) - 1; i >= 0; i-- {
		o := &c.history[i]
		w := findRow(o, k.id)
		switch {
		case k.at-o.At > max(noStart, k.uptime/lateLook):
			return false
		case w == nil || !w.Alive || w.PID != k.pid || k.pid == 0:
		case o.Port != nil && !slices.ContainsFunc(o.Port.Listeners, func(l observe.Listener) bool { return l.Ours }):
			return true
		case slices.ContainsFunc(o.Answers, func(a observe.Answer) bool { return a.Status > 0 && a.PID > 0 }):
			return true
		}
	}
	return false
}

// countDeaths returns how many of these deaths are such.
func (c Facts) countDeaths(crashes []crash, such func(Facts, crash) bool) (n int) {
	for _, k := range crashes {
		if such(c, k) {
			n++
		}
	}
	return n
}

// hasSomebodyServed reports whether, since t, the app has answered or PM2 has listened
// for it while only these workers' dying processes ran: then one of those had come up,
// whichever the kernel did not say.
func (c Facts) hasSomebodyServed(ids []int, t time.Duration) bool {
	var pids []int
	for _, k := range c.crashes {
		if slices.Contains(ids, k.id) {
			pids = append(pids, k.pid)
		}
	}
	for _, id := range ids {
		if one := c.lives.now[id]; one != nil {
			pids = append(pids, one.pid)
		}
	}
	lives := func(w observe.Worker) bool { return w.Alive }
	another := func(w observe.Worker) bool { return w.Alive && !slices.Contains(pids, w.PID) }
	for i := c.findLook(t); i < len(c.history); i++ {
		o := &c.history[i]
		served := slices.ContainsFunc(o.Answers, func(a observe.Answer) bool { return a.Status > 0 }) ||
			(o.Port != nil && slices.ContainsFunc(o.Port.Listeners, func(l observe.Listener) bool { return l.Ours }))
		if served && slices.ContainsFunc(o.Workers, lives) && !slices.ContainsFunc(o.Workers, another) {
			return true
		}
	}
	return false
}

// hasAnyComeUp reports whether a process of one of these workers has come up that was
// started after t.
func (c Facts) hasAnyComeUp(ids []int, t time.Duration) bool {
	return slices.ContainsFunc(c.lives.all, func(one *life) bool {
		return one.came && one.seen > t && slices.Contains(ids, one.id)
	})
}
