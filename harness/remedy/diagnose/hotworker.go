package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of hotWorker.
const (
	hotFor     = 12 * time.Second        // a burst of work ends within
	hotLeader  = 45 * time.Second        // worker 0 may have a scheduled job that computes
	hotShare   = 0.1                     // of a core, in every hotSlice of the time: on a crowded host a loop may get no more
	hotSlice   = 1500 * time.Millisecond // CPU is counted in hundredths of a second
	hotSlow    = 25 * time.Millisecond   // an answer of the health URL takes a few
	hotFactor  = 4                       // times what its siblings use and take, or less than its share of connections
	hotAnswers = 3                       // answers that make a mean
	hotAsked   = 40                      // questions that make a share
	suspectFor = 3 * time.Second         // CPU used for so long has the engine ask who is slow
)

// diagnoseHot returns a diagnosis where one worker has burnt CPU all the time for a while, and is late: it
// takes long to answer, or hardly gets a connection any more. Node's primary hands
// a worker its next connection only when it has taken the last one, so a worker
// whose loop turns slowly is passed over (round_robin_handle.js, handoff). CPU
// alone means nothing: a worker that has the busiest clients burns it and is in
// time.
func diagnoseHot(c Facts) []Diagnosis {
	var out []Diagnosis
	for _, w := range c.ListDesired() {
		need := hotFor
		if w.Instance == observe.Leader {
			need = hotLeader
		}
		if c.Now.DeriveState(w, c.stall) != observe.DerivedServing || !c.isBurningCPU(w, need) {
			continue
		}
		turns := fmt.Sprintf("its event loop turns: a heartbeat came %s ago", (c.Now.At - w.Beat).Round(100*time.Millisecond))
		if w.Beats == 0 {
			if _, beats := c.findSiblingBeat(w.ID); beats && slices.ContainsFunc(c.Now.Workers, func(o observe.Worker) bool { return o.Beats > 0 }) {
				continue // it is silent
			}
			turns = "its event loop turns: it answers, and no worker of this app sends heartbeats"
		}
		late := c.measurePace(w, hotFor).describeLateness(len(c.ListDesired()))
		if late == "" {
			continue
		}
		share, span := c.measureCPU(w, need)
		out = append(out, Diagnosis{
			Cause: engine.HotWorker, Subject: fmt.Sprintf("worker %d", w.ID), IDs: []int{w.ID}, PIDs: []int{w.PID}, Confidence: 0.9,
			Evidence: []engine.Fact{
				{Source: "proc", Text: fmt.Sprintf("pid %d used %.0f %% of a core over %s", w.PID, 100*share, span.Round(100*time.Millisecond))},
				{Source: "probe", Text: late},
			},
			RuledOut: []engine.Ruled{
				{Cause: engine.StalledEventLoop, Fact: turns},
				{Cause: engine.Undetermined, Fact: fmt.Sprintf("a burst of work ends within %s, and a worker whose clients are merely busy is in time", need)},
			},
			Human: "find what goes on computing in the worker after its requests are answered (a timer that is never cleared, a loop over a growing list): take a CPU profile before the next one is replaced",
		})
	}
	return out
}

// pace is how a worker fared against the others on new connections.
type pace struct {
	own, others []time.Duration // what the answers took
}

// measurePace compares the answers of the last d.
func (c Facts) measurePace(w observe.Worker, d time.Duration) pace {
	var p pace
	for _, o := range c.history {
		for _, a := range o.Answers {
			switch {
			case o.At < c.subtractFromNow(d) || a.PID == 0 || !a.Good():
			case a.PID == w.PID:
				p.own = append(p.own, a.Took)
			default:
				p.others = append(p.others, a.Took)
			}
		}
	}
	return p
}

// describeLateness says how a worker of so many is late, or "". What it answers between
// two slices of its work is quick, so the mean tells and the median does not.
func (p pace) describeLateness(workers int) string {
	if len(p.others) < hotAnswers {
		return ""
	}
	others := computeAverage(p.others)
	if asked := len(p.own) + len(p.others); asked >= hotAsked && len(p.own)*workers*hotFactor < asked {
		return fmt.Sprintf("of %d new connections it took %d, its siblings answered in %s", asked, len(p.own), others.Round(100*time.Microsecond))
	}
	if len(p.own) < hotAnswers {
		return ""
	}
	if own := computeAverage(p.own); own >= hotSlow && own >= hotFactor*others {
		return fmt.Sprintf("it takes %s to answer the health URL, its siblings take %s, on the average", own.Round(time.Millisecond), others.Round(100*time.Microsecond))
	}
	return ""
}

func computeAverage(d []time.Duration) time.Duration {
	sum := time.Duration(0)
	for _, x := range d {
		sum += x
	}
	return sum / time.Duration(len(d))
}
