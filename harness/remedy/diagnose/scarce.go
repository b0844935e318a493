package diagnose

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of the symptoms of a host that has too little for the app.
const (
	starveSpan     = 15 * time.Second // over which the waits for a core are counted
	starveShare    = 0.3              // of that time, with a health URL that is slow or fails
	starveAlone    = 0.5              // without a URL, where nothing else says that it hurts
	throttledShare = 0.5              // of the periods of a quota
	throttledLeast = 20               // periods, of 100 ms as a rule
	nearShare      = 0.9              // of a limit of memory
	nearFor        = 20 * time.Second // at each look: a heap goes up and down with each collection
)

// giveCores is what people can do about workers that wait for a core.
const giveCores = "give the workers more cores: see what else runs on the host (top), whether there are more workers than cores, and whether a quota holds them back (cpu.max of the control group, CPUQuota of the unit)"

// findStarved finds that workers wait for a core: most of them are ready and do not run for a
// good part of the time, or their control group has used its quota up, and the app is slow, or
// fails, or has no URL to tell.
func findStarved(c Facts) (Diagnosis, bool) {
	ids, seen, starved := c.listStarved(c.subtractFromNow(starveSpan), starveShare)
	if !starved {
		return Diagnosis{}, false
	}
	hurt, slow := findSlow(c)
	if !slow {
		hurt, slow = findFailing(c)
	}
	since := hurt.Since
	if !slow && !c.isAsked() {
		ids, seen, slow = c.listStarved(c.subtractFromNow(starveSpan), starveAlone)
		since = c.findStarvedSince()
	}
	if !slow {
		return Diagnosis{}, false
	}
	if p := c.Now.Host.Pressure; p > 0 {
		seen = append(seen, engine.Fact{Source: "proc", Text: fmt.Sprintf("/proc/pressure/cpu: something waited for a core for %.0f %% of the last 10s", p)})
	}
	if len(hurt.Evidence) > 0 {
		seen = append(seen, hurt.Evidence[0])
	}
	f := c.buildSymptom(engine.Starved, Degraded, since, ids, seen...)
	f.Human = giveCores
	return f, true
}

// listStarved lists the workers whose event loops have waited for a core for this share of the
// time since t or more; all of them where their control group's quota has run out as often. It
// reports whether they are most of those that are wanted.
func (c Facts) listStarved(t time.Duration, share float64) (ids []int, seen []engine.Fact, starved bool) {
	at := c.findLook(t+1) - 1 // the latest at t or before
	if at < 0 {
		return nil, nil, false
	}
	was := &c.history[at]
	span := (c.Now.At - was.At).Round(time.Second)
	for _, w := range c.ListDesired() {
		before := findRow(was, w.ID)
		if before == nil || !w.Alive || before.PID != w.PID {
			continue
		}
		if waited := float64(w.Waited-before.Waited) / float64(c.Now.At-was.At); waited >= share {
			ids = append(ids, w.ID)
			seen = append(seen, engine.Fact{Source: "proc", Text: fmt.Sprintf("worker %d (pid %d) was ready and waited for a core for %.0f %% of the last %s", w.ID, w.PID, 100*waited, span)})
		}
	}
	starved = c.isMost(len(ids))
	periods, throttled := c.Now.Host.Periods-was.Host.Periods, c.Now.Host.Throttled-was.Host.Throttled
	if was.Host.Periods > 0 && periods >= throttledLeast && float64(throttled) >= throttledShare*float64(periods) {
		ids, starved = listIDs(c.ListDesired()), true
		seen = append(seen, engine.Fact{Source: "proc", Text: fmt.Sprintf("the quota of CPU time of the workers' control group ran out in %d of %d periods within %s", throttled, periods, span)})
	}
	return ids, seen, starved
}

// findStarvedSince returns since when the workers have waited for cores as they do
// without a URL, as far as the history goes back.
func (c Facts) findStarvedSince() time.Duration {
	for i := range c.history {
		if _, _, starved := c.listStarved(c.history[i].At, starveAlone); starved {
			return c.history[i].At
		}
	}
	return c.Now.At
}

// allowance is how much memory a worker uses and may use.
type allowance struct {
	used, limit  int64 // bytes
	how, setting string
}

func listAllowances(w observe.Worker) []allowance {
	return []allowance{{w.RSS, w.Limit, "uses", "max_memory_restart"}, {w.Heap, w.HeapMax, "has a heap of", "--max-old-space-size"}}
}

func (a allowance) isNear() bool {
	return a.limit > 0 && float64(a.used) >= nearShare*float64(a.limit)
}

// findMemoryNear finds workers that have used nearly as much memory as they may for a while:
// PM2 ends one at its next look (each 30 s, Worker.js:60), V8 and the kernel end it in the
// midst of a request.
func findMemoryNear(c Facts) (Diagnosis, bool) {
	since := c.Now.At
	var ids []int
	var seen []engine.Fact
	for _, w := range c.ListDesired() {
		if from, fact, ok := c.findNear(w); ok {
			ids, seen, since = append(ids, w.ID), append(seen, fact), min(since, from)
		}
	}
	group := c.findHeldSince(func(o *observe.Observation) bool { return allowance{used: o.Host.Memory, limit: o.Host.Limit}.isNear() })
	if c.Now.At-group >= nearFor {
		ids, since = listIDs(c.ListDesired()), min(since, group)
		seen = append(seen, engine.Fact{Source: "proc", Text: fmt.Sprintf("the workers' control group uses %s of %s; beyond that the kernel ends one of its processes",
			describeBytes(c.Now.Host.Memory), describeBytes(c.Now.Host.Limit))})
	}
	if len(ids) == 0 {
		return Diagnosis{}, false
	}
	f := c.buildSymptom(engine.MemoryNear, Partial, since, ids, seen...)
	f.Human = "find what the app keeps, or raise the limit: a worker that reaches it is ended, whatever it is doing"
	return f, true
}

// findNear finds that a worker has been near a limit of its own for a while, and since when.
func (c Facts) findNear(w observe.Worker) (time.Duration, engine.Fact, bool) {
	for i, a := range listAllowances(w) {
		from := c.findWorkerHeldSince(w.ID, func(was observe.Worker) bool { return was.PID == w.PID && listAllowances(was)[i].isNear() })
		if c.Now.At-from >= nearFor {
			return from, engine.Fact{Source: "proc", Text: fmt.Sprintf("worker %d (pid %d) %s %s, and its %s is %s",
				w.ID, w.PID, a.how, describeBytes(a.used), a.setting, describeBytes(a.limit))}, true
		}
	}
	return 0, engine.Fact{}, false
}
