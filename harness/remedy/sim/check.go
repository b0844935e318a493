package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// What must hold. The slack is for the looks and waits that the engine needs, and that PM2
// alone does not.
const (
	slackLeast = 4 * time.Second  // of a worker's serving time, for each fault
	slackLook  = 1 * time.Second  // the same, beside PM2's delay and a start
	slackAll   = 25 * time.Second // until all serve again, after PM2 alone
	toldIn     = 14 * time.Second // of an outage, until people are told
	longHold   = 75 * time.Second // without a trial
)

// computeSlack returns how much of a worker's serving time the engine may cost for each
// fault: it may end a process that would have gone on by itself a little later.
func (w World) computeSlack() time.Duration {
	return max(slackLeast, slackLook+w.Boot+min(w.Delay, plan.DefaultLimits().Respawn))
}

// Check plays a world with an engine and without it, and returns what does not hold.
func Check(w World, e *Engine) []string {
	alone, with := Play(w, nil), Play(w, e)
	slack := w.computeSlack()*time.Duration(len(w.Faults)*w.Workers) + with.Exposed
	well := alone.All
	if with.Exposed > 0 {
		well = max(well, w.End())
	}
	for i, f := range w.Faults {
		if (f.Kind == Blocked || f.Kind == Stopped) && with.Hit[i] && !alone.Hit[i] { // it has spared who was down
			slack, well = slack+f.For, max(well, f.At+f.For)
		}
	}
	var broken []string
	say := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	if with.Served+slack < alone.Served {
		say("worse than PM2 alone: %s served, and %s without the engine", with.Served, alone.Served)
	}
	if alone.All >= 0 && (with.All < 0 || with.All > well+slackAll+w.End()/4) {
		say("not well again: all serve since %s, and without the engine since %s", with.All, alone.All)
	}
	for _, d := range with.Doubled {
		say("doubled: %s", d)
	}
	for _, m := range with.Meddled {
		say("meddled: %s", m)
	}
	if with.LongHeld > longHold {
		say("held: a worker was stopped for %s without a trial", with.LongHeld)
	}
	for _, cause := range with.Stuck {
		say("stuck: all is well, and the incident of %s is open", cause)
	}
	if with.All >= 0 && !with.Leader {
		say("no worker has the number 0")
	}
	for _, out := range with.Outages {
		told := slices.ContainsFunc(with.Told, func(at time.Duration) bool { return at < out.From+toldIn })
		if out.To-out.From > toldIn && !told {
			say("silent: nobody served from %s to %s, and people were told at %v", out.From, out.To, with.Told)
		}
	}
	return broken
}

// Shrink returns the smallest world that it finds that still breaks what Check asks for: it
// takes faults away, one at a time, then shortens those that are left.
func Shrink(w World, e *Engine) World {
	for again := true; again; {
		again = false
		for _, less := range listSmaller(w) {
			if len(Check(less, e)) > 0 {
				w, again = less, true
				break
			}
		}
	}
	return w
}

// listSmaller lists worlds that are a little smaller.
func listSmaller(w World) []World {
	var out []World
	for i := range w.Faults {
		if len(w.Faults) > 1 {
			less := w
			less.Faults = slices.Delete(slices.Clone(w.Faults), i, i+1)
			out = append(out, less)
		}
	}
	for i, f := range w.Faults {
		if f.For >= 2*time.Second {
			less := w
			less.Faults = slices.Clone(w.Faults)
			less.Faults[i].For = (f.For / 2).Round(time.Second)
			out = append(out, less)
		}
	}
	if w.Workers > 1 {
		less := w
		less.Workers--
		out = append(out, less)
	}
	return out
}
