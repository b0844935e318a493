package promise

import (
	"fmt"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// StaysStopped: the worker that an operator has stopped has no process from then on
// to the end.
func StaysStopped(id int) Promise {
	return Promise{
		Name:     "stays-stopped",
		Sentence: fmt.Sprintf("worker %d, which an operator has stopped, stays stopped", id),
		Judge: func(r *evidence.Record) Finding {
			bitten, ok := r.Mark(evidence.MarkBitten)
			if !ok {
				return newInconclusive("nobody has stopped it")
			}
			looks := 0
			for _, s := range r.Snapshots {
				for _, w := range s.Workers {
					if s.At < bitten.At || w.ID != id {
						continue
					}
					if looks++; w.Alive {
						return newBroken(fmt.Sprintf("it ran again, with pid %d, %.1f s later", w.PID, (s.At-bitten.At).Seconds()), s.At)
					}
				}
			}
			if looks == 0 {
				return newInconclusive("the observer did not look again")
			}
			return newKept(fmt.Sprintf("it had no process in any of %d looks", looks))
		},
	}
}
