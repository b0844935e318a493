package diagnose

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// ListDesired lists the workers that the operator wants to run: all but those that
// somebody stopped.
func (c Facts) ListDesired() []observe.Worker {
	return c.desired[:len(c.desired):len(c.desired)]
}

// listCrashes returns a worker's crashes since t, oldest first.
func (c Facts) listCrashes(id int, t time.Duration) []crash {
	all := c.by[id]
	for n, k := range all {
		if k.at >= t {
			return all[n:len(all):len(all)]
		}
	}
	return nil
}

// selectCrashes returns the crashes for which match holds, and the workers they are of, sorted.
func (c Facts) selectCrashes(match func(crash) bool) (found []crash, ids []int) {
	for _, k := range c.crashes {
		if match(k) {
			found, ids = append(found, k), append(ids, k.id)
		}
	}
	slices.Sort(ids)
	return found, slices.Compact(ids)
}

// findEnd returns how a crash was by PM2's log, as KindEnded has it, "" where it does not say:
// what the log says of that worker nearest to it, for one that dies again and again is said to
// have ended several times.
func (c Facts) findEnd(k crash) string {
	end, nearest := "", endKnown
	for i := len(c.ends.all) - 1; i >= 0; i-- {
		e := &c.ends.all[i]
		if apart := max(e.At-k.at, k.at-e.At); e.ID == k.id && apart <= nearest && (end == "" || apart < nearest) {
			end, nearest = e.Text, apart
		}
	}
	return end
}

// ListFailing lists the workers that crashed lately or that PM2 has given up.
func (c Facts) ListFailing() []int {
	var out []int
	for _, w := range c.ListDesired() {
		if w.GaveUp || len(c.listCrashes(w.ID, c.subtractFromNow(memory))) > 0 {
			out = append(out, w.ID)
		}
	}
	return out
}

// listDying lists the workers that cannot come up because of what match finds in a text:
// the last words of their own latest death name it, that process was seen not to have come
// up, and it was not their first death. One that serves may die of anything once, and is PM2's to
// start again.
func (c Facts) listDying(match func(text string) bool) []int {
	var out []int
	for _, w := range c.ListDesired() {
		crashes := c.listCrashes(w.ID, c.subtractFromNow(memory))
		n := len(crashes)
		if n > 0 && (w.GaveUp || n > 1 && c.hasNeverServed(crashes[n-1])) && match(crashes[n-1].text) {
			out = append(out, w.ID)
		} else if n == 0 && w.GaveUp && len(c.listComplaintsOf(w.ID, match)) > 0 {
			out = append(out, w.ID)
		}
	}
	return out
}

// areAllFailing reports whether every minded worker has crashed or was given up, and
// since when. Where no worker is left, it is false.
func (c Facts) areAllFailing() (since time.Duration, all bool) {
	for _, w := range c.ListDesired() {
		all = true
		crashes := c.listCrashes(w.ID, c.subtractFromNow(memory))
		if len(crashes) == 0 {
			return 0, false
		}
		since = max(since, crashes[0].at)
	}
	return since, all
}

// isMost reports whether n workers are half or more of those the operator wants.
func (c Facts) isMost(n int) bool { return n > 0 && 2*n >= len(c.ListDesired()) }

// hasRecovered reports whether a worker has come up after its crashes: its process has
// outlived the ones that died, or was seen to serve where none of those had come to that.
func (c Facts) hasRecovered(w observe.Worker) bool {
	longest, served := time.Duration(0), false
	for _, k := range c.listCrashes(w.ID, 0) {
		longest, served = max(longest, k.uptime), k.came
	}
	if !w.Alive || w.Status != "online" {
		return false
	}
	now := c.lives.now[w.ID]
	return c.Now.At-w.Since > 2*longest+bootMargin || !served && now != nil && now.pid == w.PID && now.came
}

// wasKilled reports whether somebody ended the daemon on purpose.
func (c Facts) wasKilled() bool { return c.latest.killed >= c.history[0].At }

// countLiving counts the workers that run.
func (c Facts) countLiving() (n int) {
	for _, w := range c.Now.Workers {
		if w.Alive {
			n++
		}
	}
	return n
}

// findUnwellSince returns when a worker's trouble began, as far as the history goes back.
func (c Facts) findUnwellSince(w observe.Worker) time.Duration {
	since := c.Now.At
	if crashes := c.listCrashes(w.ID, c.subtractFromNow(memory)); len(crashes) > 0 {
		since = crashes[0].at
	}
	return min(since, c.findWorkerHeldSince(w.ID, func(was observe.Worker) bool { return was.GaveUp }))
}
