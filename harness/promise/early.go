package promise

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// early is how much sooner than the record shows the harm an engine may have seen it: it
// looks at the same things, by another way and at other moments.
const early = 300 * time.Millisecond

// IsTooSoon reports whether a cause was named before the harm could be seen. Of a worker that
// falls silent or slow nothing on record says when that could be seen.
func IsTooSoon(took time.Duration, floor Floor) bool {
	return took > 0 && floor.By != FloorHeartbeat && took < floor.Time-early
}

// SeesFirst: the engine names no cause before the harm can be seen. Who is right so soon
// has seen something else: a deployment, a request, the experiment. Where a worker falls
// silent or slow, and no decoy shows how long that is well, there is no such moment: then
// nothing is ruled on.
func SeesFirst() Promise {
	return Promise{
		Name:     "sees-first",
		Hard:     true,
		Sentence: "the engine names no cause before the harm can be seen",
		Judge: func(r *evidence.Record) Finding {
			inject, injected := r.Mark(evidence.MarkInject)
			for _, c := range r.Claims {
				if c.Type == "detected" && injected && c.At < inject.At {
					return newBroken(fmt.Sprintf("it named %s before anything was injected", c.Cause), c.At)
				}
			}
			took, detected := TimeToDetect(r)
			floor, known := DetectionFloor(r)
			switch {
			case !detected:
				return newKept("it named no cause")
			case !known || floor.By == FloorHeartbeat:
				return newKept(fmt.Sprintf("it named a cause after %s, of a harm that nothing on record dates", took.Round(time.Millisecond)))
			case IsTooSoon(took, floor):
				return newBroken(fmt.Sprintf("suspicious: it named a cause after %s, and there was nothing to see for %s (%s): it has seen something else than the harm",
					took.Round(time.Millisecond), floor.Time.Round(time.Millisecond), floor.By), inject.At+took)
			}
			return newKept(fmt.Sprintf("it named a cause after %s, and the harm could be seen after %s (%s)", took.Round(time.Millisecond), floor.Time.Round(time.Millisecond), floor.By))
		},
	}
}
