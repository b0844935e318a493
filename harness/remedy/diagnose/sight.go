package diagnose

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// sight is one sign that the app serves, or that nobody does.
type sight struct {
	at   time.Duration
	look time.Duration // the observation that brought it
	up   bool
}

// sights are the signs, in order. The health URL tells; where it is not asked, a worker that
// is up by PM2 and the kernel has to do.
type sights struct {
	all   []sight
	usual int  // class of the answers while all is well
	asked bool // the health URL is asked at regular times
}

// forget drops the signs of observations before start.
func (s *sights) forget(start time.Duration) {
	n := 0
	for n < len(s.all) && s.all[n].look < start {
		n++
	}
	s.all = s.all[n:]
}

// add puts a sign in its place.
func (s *sights) add(one sight) {
	s.all = append(s.all, one)
	for i := len(s.all) - 1; i > 0 && s.all[i-1].at > one.at; i-- {
		s.all[i-1], s.all[i] = s.all[i], s.all[i-1]
	}
}

// addSights adds the signs of the newest observation, and reads all of them anew once it is
// known how the health URL usually answers, or whether it is asked.
func (c *folded) addSights(o *observe.Observation) {
	usual, asked := o.Usual.Status/100, c.latest.checked >= c.history[0].At
	if usual == c.sights.usual && asked == c.sights.asked {
		c.addSightsOf(o)
		return
	}
	c.sights = sights{usual: usual, asked: asked}
	for i := range c.history {
		c.addSightsOf(&c.history[i])
	}
}

// addSightsOf adds the signs of one observation.
func (c *folded) addSightsOf(o *observe.Observation) {
	usual := func(a observe.Answer) bool { return a.IsUsual(c.sights.usual) }
	for _, a := range o.Checks {
		c.sights.add(sight{a.At, o.At, usual(a)})
	}
	wanted, alive, serving := false, false, false
	for i := range o.Workers {
		w := &o.Workers[i]
		state := o.DeriveState(*w, c.stall)
		if state == observe.DerivedStopped {
			continue
		}
		wanted, alive, serving = true, alive || w.Alive, serving || state == observe.DerivedServing
	}
	switch {
	case o.Rolling || !o.Daemon.Alive || !wanted || slices.ContainsFunc(o.Answers, usual):
		c.sights.add(sight{o.At, o.At, true})
	case !alive:
		c.sights.add(sight{o.At, o.At, false})
	case serving && !c.sights.asked:
		c.sights.add(sight{o.At, o.At, true})
	}
}

// findDownSince returns since when every sign says that nobody serves, -1 if one says
// otherwise or there has been none lately. An operator's command does not start its clock
// anew: who says that on the bus may be an app, and PM2 says it when it has done all of
// it.
func (c Facts) findDownSince() time.Duration {
	since := time.Duration(-1)
	all := c.sights.all
	if len(all) == 0 || all[len(all)-1].at < c.subtractFromNow(lately) {
		return since
	}
	for i := len(all) - 1; i >= 0 && !all[i].up; i-- {
		since = all[i].at
	}
	return since
}
