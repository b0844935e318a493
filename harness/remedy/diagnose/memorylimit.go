package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// overLimit is how often PM2 must have ended a worker for its memory within memory: it looks
// each 30 s (Worker.js:60), so that is at each look of its. Once is what the setting is for.
const overLimit = 2

// ended is the end of a process that nobody but PM2 wanted.
type ended struct {
	at   time.Duration
	used int64 // the most memory it was seen to use, bytes
	pid  int
}

// diagnoseMemoryLimit returns a diagnosis where PM2 starts workers anew over and over for
// max_memory_restart: their processes used more, did not die by themselves, and nobody asked
// for a new one. It says nothing of that on the bus, and counts no such restart as unstable,
// so that it never gives up.
func diagnoseMemoryLimit(c Facts) (Diagnosis, bool) {
	var ids []int
	var seen []engine.Fact
	for _, w := range c.ListDesired() {
		ends := c.listOverLimit(w)
		if len(ends) < overLimit {
			continue
		}
		ids = append(ids, w.ID)
		most := slices.MaxFunc(ends, func(a, b ended) int { return int(a.used - b.used) }).used
		seen = append(seen, engine.Fact{Source: "proc", Text: fmt.Sprintf("worker %d used up to %s, and its max_memory_restart is %s; PM2 has started it anew %s in %s",
			w.ID, describeBytes(most), describeBytes(w.Limit), formatCount(len(ends), "time"), (c.Now.At - ends[0].at).Round(time.Second))})
	}
	if len(ids) == 0 {
		return Diagnosis{}, false
	}
	return Diagnosis{
		Cause: engine.MemoryLimit, Subject: "max_memory_restart", IDs: ids, Confidence: 0.9, Evidence: seen,
		RuledOut: []engine.Ruled{
			{Cause: engine.Undetermined, Fact: "none of these processes died by itself, and nobody used PM2's command on them"},
			{Cause: engine.OutOfMemory, Fact: "PM2 ended them, not the kernel"},
		},
		Human: "set max_memory_restart well above what the app uses while all is well, or find its leak: PM2 restarts each worker that is above it, every 30 s, and never gives up",
	}, true
}

// listOverLimit lists the ends of a worker's processes that had used more than the limit.
func (c Facts) listOverLimit(w observe.Worker) []ended {
	var out []ended
	for _, e := range c.workers[w.ID].memory.ends {
		if e.at >= c.history[0].At {
			out = append(out, e)
		}
	}
	return out
}

// describeBytes puts an amount of memory into words, as the file of an app has it.
func describeBytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%dM (%d bytes)", n>>20, n)
}
