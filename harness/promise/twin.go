package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// NoWorse is the name of the promise that compares a drill with its twin.
const NoWorse = "no-worse-than-pm2"

// Tolerance is how much worse than its twin a drill may be by chance: two runs on one
// machine are never alike.
type Tolerance struct {
	Serving  float64       // of the twin's serving-worker-seconds, a share
	Seconds  float64       // worker-seconds besides
	Answered float64       // of the requests owed, a share
	Back     time.Duration // later until all serve
	Later    float64       // and later by that share of what the twin took
}

// widen returns the tolerance for an engine of which no deed is on record, beside a twin that was
// hit itself. What differs then is chance, as with faults that hit workers in no order, or a harm
// that nobody saw: that has to be twice as large to be seen.
func (t Tolerance) widen() Tolerance {
	return Tolerance{Serving: 2 * t.Serving, Seconds: 2 * t.Seconds, Answered: 2 * t.Answered, Back: 2 * t.Back, Later: 2 * t.Later}
}

// UsualTolerance is what a gate allows: one worker may be away for five seconds longer,
// one request of two hundred may be lost more, and all may serve again two seconds or a
// tenth later.
func UsualTolerance() Tolerance {
	return Tolerance{Serving: 0.02, Seconds: 5, Answered: 0.005, Back: 2 * time.Second, Later: 0.1}
}

// Outcome is what a service has given since the fault was injected.
type Outcome struct {
	Span     time.Duration // over which it was counted
	Serving  float64       // serving-worker-seconds: the workers that served, each second, added up
	Owed     int           // requests due, but for those that were settled before the engine did anything
	Answered int           // of those
	Back     time.Duration // from the injection until all served to the end; Span if they never did
}

// NoWorseThanPM2 rules on an engine's drill beside its twin: the same fault, load and seed,
// and no engine. Over the time that both have on record since the injection, the engine
// leaves no fewer serving-worker-seconds, no fewer requests answered since it first did
// something, and all serve no later, within the tolerance; of a fault that takes no worker away in the twin, how long
// one is away is what the serving-worker-seconds tell. It needs no expected diagnosis. A twin that is of another
// fault or seed, or a request for work, which the twin does not get, proves nothing.
func NoWorseThanPM2(r, twin *evidence.Record, t Tolerance) Ruling {
	ruling := Ruling{
		Name: NoWorse, Expected: Kept, Verdict: Inconclusive,
		Promise: "the service is no worse off than with PM2 alone: serving workers, requests answered, time until all serve",
	}
	if why := findTwinMismatch(r, twin); why != "" {
		ruling.Because = why
		return ruling
	}
	span := min(computeLoadSpan(r), computeLoadSpan(twin))
	from := computeFirstDeed(r)
	mine, alone := computeOutcome(r, span, from), computeOutcome(twin, span, from)
	ruling.Because = fmt.Sprintf("in %.0f s %.0f serving-worker-seconds (alone %.0f), %d of %d requests answered (alone %d of %d), all served after %.1f s (alone %.1f s)",
		span.Seconds(), mine.Serving, alone.Serving, mine.Answered, mine.Owed, alone.Answered, alone.Owed, mine.Back.Seconds(), alone.Back.Seconds())
	ruling.Verdict = Kept
	if len(Deeds(r)) == 0 && alone.Back > Window {
		t = t.widen()
	}
	if worse := mine.findWorse(alone, t); worse != "" {
		ruling.Verdict, ruling.Because = Broken, worse+": "+ruling.Because
	}
	return ruling
}

// findTwinMismatch says why two records cannot be compared, "" if they can.
func findTwinMismatch(r, twin *evidence.Record) string {
	a, b := r.Header, twin.Header
	switch {
	case a.Scenario != b.Scenario || a.Seed != b.Seed || a.Workers != b.Workers || a.App != b.App:
		return "its twin is of another scenario, app or seed"
	case !twin.Unaided():
		return "its twin has an engine in it"
	case r.Asked() || twin.Asked():
		return "it was asked for work, which PM2 alone is not"
	}
	for who, x := range map[string]*evidence.Record{"it": r, "its twin": twin} {
		if x.Cut != "" {
			return who + " ended before its end: " + x.Cut
		}
		if why := findUnmetPrecondition(x); why != "" {
			return who + " proves nothing: " + why
		}
	}
	return ""
}

// computeLoadSpan returns how long after its injection a record's load went on, in whole
// seconds.
func computeLoadSpan(r *evidence.Record) time.Duration {
	inject, _ := r.Mark(evidence.MarkInject)
	_, last := findLaneSpan(r, evidence.LaneShort)
	return (last - inject.At).Truncate(Window)
}

// computeFirstDeed returns how long after the injection the engine first did something.
// What was lost before is chance: which connections the fault's target held. It is 0
// where no deed is known.
func computeFirstDeed(r *evidence.Record) time.Duration {
	inject, _ := r.Mark(evidence.MarkInject)
	deeds := Deeds(r)
	if len(deeds) == 0 {
		return 0
	}
	return max(0, deeds[0].Begin-claimSlack-inject.At)
}

// computeOutcome counts what the service gave in the span of time since the injection; of
// the requests, those that were settled from then on.
func computeOutcome(r *evidence.Record, over, from time.Duration) Outcome {
	inject, _ := r.Mark(evidence.MarkInject)
	serving := make([]map[int]bool, over/Window) // the workers that answered in each second
	out := Outcome{Span: over, Back: over}
	credit := r.Credit()
	for i := range r.Requests {
		q := &r.Requests[i]
		if due := q.Due - inject.At; q.Lane != evidence.LaneNoise && q.Class != evidence.Unsent && due >= 0 && due < over && q.Done-inject.At >= from {
			out.Owed++
			if credit(q) {
				out.Answered++
			}
		}
		if done := q.Done - inject.At; q.Lane == evidence.LaneShort && done >= 0 && done < over && credit(q) {
			if serving[done/Window] == nil {
				serving[done/Window] = map[int]bool{}
			}
			serving[done/Window][q.PID] = true
		}
	}
	for i := range slices.Backward(serving) {
		out.Serving += float64(min(len(serving[i]), r.Header.Workers)) * Window.Seconds()
		if out.Back == time.Duration(i+1)*Window && len(serving[i]) >= r.Expected() {
			out.Back = time.Duration(i) * Window
		}
	}
	return out
}

// findWorse says in what the outcome is worse than the other, "" if in nothing.
func (o Outcome) findWorse(alone Outcome, t Tolerance) string {
	switch {
	case o.Serving < alone.Serving*(1-t.Serving)-t.Seconds:
		return "fewer workers served"
	case o.computeShare() < alone.computeShare()-t.Answered:
		return "fewer requests were answered"
	case alone.Back > Window && o.Back > alone.Back+t.Back+time.Duration(t.Later*float64(alone.Back)):
		return "all served later"
	}
	return ""
}

// computeShare returns which part of the requests owed was answered, from 0 to 1.
func (o Outcome) computeShare() float64 {
	if o.Owed == 0 {
		return 0
	}
	return float64(o.Answered) / float64(o.Owed)
}
