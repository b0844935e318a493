package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// ScaleRequest is S17 of the catalogue before it happens: an operator wants fewer
// workers, and there is somebody to ask.
func ScaleRequest() Scenario {
	return Scenario{
		Name: "scale-request",
		Story: `The night is quiet, and an operator wants two workers instead of four. pm2 scale app 2 deletes the
lowest ids first: the worker with NODE_APP_INSTANCE 0 goes, and the job that only it runs never
runs again. pm2 ls shows two workers online, and no log says a word.
An engine that is asked takes the highest ids, one at a time: out of the rotation, its requests
finished, then deleted. Worker 0 stays, whatever its id. By hand: pm2 delete 3, then pm2 delete 2.
In code: a lock in the database, or a process of its own for the job.`,
		Labels:  []string{"cause:app-instance", "tier:extended"},
		App:     schedules(),
		Load:    steadyLoad(),
		Fault:   fault.ScaleRequest{To: 2},
		Left:    2,
		Recover: 45 * time.Second,
		Linger:  25 * time.Second,
		Breaks:  "keeps-running",
		Promises: []promise.Promise{
			promise.KeepsRunning(5 * time.Second),
			promise.RunsOnce(),
			promise.Scales(2, 30*time.Second),
			promise.DropsNothing(),
			promise.DiagnosesNothing(),
			promise.KeepsServing(2),
			promise.ActsAtMost(2),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The operator asks for four workers, and there are four: the request was sent twice, or comes from a
script that states what it wants. Nothing is to be done.`,
			App:   schedules(),
			Fault: fault.ScaleRequest{To: 4},
			Watch: 15 * time.Second,
			Promises: []promise.Promise{
				promise.ActsAtMost(0),
				promise.Scales(4, 5*time.Second),
				promise.DropsNothing(),
				promise.DiagnosesNothing(),
				promise.RunsOnce(),
				promise.KeepsRunning(4 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
