package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// JobEverywhere is S16 of the catalogue: a release in which every worker runs the
// scheduled job.
func JobEverywhere() Scenario {
	const cause = string(engine.EverybodyLeads)
	return Scenario{
		Name: "job-everywhere",
		Story: `A release schedules its job without asking who it is, as it did when there was one process. In
cluster mode every worker runs it: four invoices for each. pm2 ls is all green, the log has each
line four times and nobody looks at it.
An engine cannot tell one worker from another to the app's code, and must not stop those who serve.
It can notice that several workers write the same line in the same instant, time after time, and
tell people. In code: a lock in the database, or a process of its own for the job.`,
		Labels:  []string{"cause:app-instance", "tier:extended"},
		App:     schedules(),
		Load:    steadyLoad(),
		Fault:   fault.UnguardedJob{Flag: "next"},
		Recover: 20 * time.Second,
		Linger:  15 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.KeepsRunning(6 * time.Second),
			promise.SparesRequests(),
			promise.KeepsServing(2), // pm2 reload replaces workers two by two
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Decoy: &Decoy{
			Story: `The release before it, whose job asks for NODE_APP_INSTANCE 0, and an operator's own pm2 reload: for
a second or two there are two workers 0, and both run the job. It passes, and is no guard forgotten.`,
			App:     schedules(),
			Fault:   fault.OverlappingReload{},
			Replace: true,
			Watch:   30 * time.Second,
			Promises: []promise.Promise{
				promise.Replaces(30 * time.Second),
				promise.DiagnosesNothing(),
				promise.SparesRequests(),
				promise.KeepsServing(2),
				promise.KeepsBounds(),
				promise.ActsAtMost(0),
			},
		},
	}
}
