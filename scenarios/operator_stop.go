package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// OperatorStop is M7 of the catalogue: somebody has stopped a worker on purpose. All
// of it is a decoy.
func OperatorStop() Scenario {
	const worker = 3
	return Scenario{
		Name: "operator-stop",
		Story: `An operator stops one worker with pm2 stop, to look at its memory in peace. pm2 ls shows it
stopped, with pid 0, beside three that are online: much like one that PM2 has given up. An engine
that brings it back works against the person it works for.`,
		Labels: []string{"cause:none", "tier:core", ProfileCore},
		Load:   steadyLoad(),
		Varies: anyApp(variant.KillTimeouts(), variant.Restarts()),
		Decoy: &Decoy{
			Story:  `A person has stopped it, and it stays stopped.`,
			App:    fourWorkers("well-behaved"),
			Fault:  fault.OperatorStop{ID: worker},
			Left:   3,
			Watch:  15 * time.Second,
			Linger: 20 * time.Second,
			Promises: []promise.Promise{
				promise.StaysStopped(worker),
				promise.ActsAtMost(0),
				promise.DiagnosesNothing(),
				promise.DropsNothing(),
				promise.KeepsServing(3),
				promise.KeepsBounds(),
			},
		},
	}
}
