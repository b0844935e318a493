package remedy

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// Limits of hotWorker.
const (
	hotFor    = 10 * time.Second // a burst of work ends within
	hotLeader = 45 * time.Second // worker 0 may have a scheduled job that computes
	hotShare  = 0.6              // of a core, in every hotSlice of the time
	hotSlice  = 1500 * time.Millisecond
	hotLag    = 50 * time.Millisecond // of the event loop: each request waits that long before it is looked at
	hotFactor = 5                     // times the lag of its siblings
)

// hotWorker: one worker has burnt CPU for a while and its event loop turns late,
// by its own metrics, while its siblings' turn in time. CPU alone means nothing:
// a worker that has the busiest clients burns it and answers at once.
func hotWorker(c casefile) []Finding {
	var out []Finding
	for _, w := range c.minded() {
		need := hotFor
		if w.Instance == leader {
			need = hotLeader
		}
		share, span := c.cpu(w, need)
		if c.now.derived(w, c.limits.Stall) != derivedServing || span < need*9/10 || !c.hot(w, need) {
			continue
		}
		sibling, cool := c.siblingLag(w.ID)
		if !cool || hotFactor*sibling > w.Lag {
			continue
		}
		out = append(out, Finding{
			Cause: engine.HotWorker, Subject: fmt.Sprintf("worker %d", w.ID), IDs: []int{w.ID}, PIDs: []int{w.PID}, Confidence: 0.9,
			Evidence: []engine.Fact{
				{Source: "proc", Text: fmt.Sprintf("pid %d used %.0f %% of a core over %s", w.PID, 100*share, span.Round(100*time.Millisecond))},
				{Source: "rpc", Text: fmt.Sprintf("its event loop is late by up to %s, its siblings' by %s", w.Lag.Round(time.Millisecond), sibling.Round(100*time.Microsecond))},
			},
			RuledOut: []engine.Ruled{
				{Cause: engine.StalledEventLoop, Fact: fmt.Sprintf("its last heartbeat is %s old", (c.now.At - w.Beat).Round(100*time.Millisecond))},
				{Cause: engine.Undetermined, Fact: fmt.Sprintf("a burst of work ends within %s, and clients that are merely busy do not make the loop late", need)},
			},
			Human: "find what goes on computing in the worker after its requests are answered (a timer that is never cleared, a loop over a growing list): take a CPU profile before the next one is replaced",
		})
	}
	return out
}

// hot reports whether the worker has burnt CPU, and its event loop was late, all
// the time for d: not on average, as after a burst of work.
func (c casefile) hot(w Worker, d time.Duration) bool {
	var from *Worker
	var at time.Duration
	for _, o := range c.history {
		if o.At < c.ago(d) {
			continue
		}
		was, ok := o.worker(w.ID)
		if !ok || was.PID != w.PID || was.Lag < hotLag {
			return false
		}
		if from != nil && o.At-at < hotSlice {
			continue
		}
		if from != nil && float64(was.Ticks-from.Ticks)/100/(o.At-at).Seconds() < hotShare {
			return false
		}
		from, at = &was, o.At
	}
	return from != nil
}

// siblingLag is the median lag of the other workers that have metrics; false when
// there is none to compare with.
func (c casefile) siblingLag(id int) (time.Duration, bool) {
	var lags []time.Duration
	for _, w := range c.minded() {
		if w.ID != id && w.Beats > 0 {
			lags = append(lags, w.Lag)
		}
	}
	if len(lags) == 0 {
		return 0, false
	}
	slices.Sort(lags)
	return lags[len(lags)/2], true
}
