package promise

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// Avoidable returns the losses that an engine would have saved which detects at the floor
// and recovers at the floor. curable says whether an engine can end the outage at all: of
// one that only a person can end, the engine's own losses alone are avoidable.
//
//	inject ------------ detected ------------- recovered ----------->
//	  nothing is saved   a request is saved if   every request is saved
//	                     some worker serves
//
// A fault that is lifted is recovered from after that. What was lost before the injection
// or for no known reason is not among them; an arm with no engine has none.
func Avoidable(r *evidence.Record, losses []Loss, curable bool) []Loss {
	if r.Unaided() {
		return nil
	}
	detected, recovered, ok := computeFloors(r)
	var out []Loss
	for _, l := range losses {
		due := l.Request.Due
		switch l.Cause {
		case ByEngine:
			out = append(out, l)
		case ByFault, BySaturated:
			late := ok && curable && due > detected
			if late && (due > recovered || len(r.Serving(due-Window, due)) > 0) {
				out = append(out, l)
			}
		}
	}
	return out
}

// never is later than any moment of a record.
const never = 1<<63 - 1

// computeFloors returns the earliest moments at which an engine could have known of the
// fault and at which all workers could have served again; ok is false if the record does
// not tell. The second is never reached where the record does not tell how long a worker
// takes to boot.
func computeFloors(r *evidence.Record) (detected, recovered time.Duration, ok bool) {
	inject, injected := r.Mark(evidence.MarkInject)
	floor, known := DetectionFloor(r)
	if !injected || !known {
		return 0, 0, false
	}
	detected = inject.At + floor.Time
	if lifted, ok := r.Mark(evidence.MarkLifted); ok {
		detected = max(detected, lifted.At)
	}
	boot, born := RecoveryFloor(r)
	if born && boot.Time == 0 {
		return detected, never, true
	}
	return detected, detected + boot.Time, true
}
