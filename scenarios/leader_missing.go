package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// LeaderMissing is S17 of the catalogue: somebody scales down, and PM2 takes the
// worker away that runs the scheduled job.
func LeaderMissing() Scenario {
	const cause = string(engine.LeaderMissing)
	return Scenario{
		Name: "leader-missing",
		Story: `Somebody scales the app from four workers to two. The worker with NODE_APP_INSTANCE 0 runs the
scheduled job, and PM2 deletes the lowest ids first: workers 2 and 3 are left, no worker is 0 and
none ever will be, whatever is restarted or reloaded. The job never runs again. pm2 ls shows two
workers online, and no log says a word.
An engine can drain one worker and start it again as number 0. In code: a lock in the database, or a
process of its own for the job; by hand, delete the highest ids instead.`,
		Labels:  []string{"cause:app-instance", "tier:extended"},
		App:     schedules(),
		Load:    steadyLoad(),
		Fault:   fault.ScaleDown{To: 2},
		Left:    2,
		Recover: 30 * time.Second,
		Linger:  25 * time.Second,
		Breaks:  "keeps-running",
		Promises: []promise.Promise{
			promise.KeepsRunning(20 * time.Second),
			promise.RunsOnce(),
			promise.Recovers(20 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.SparesRequests(),
			promise.KeepsServing(1),
			promise.ActsAtMost(1),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `Somebody scales the app down with care: the highest ids go, worker 0 is left, the job runs on, and
nothing is wrong with two workers.`,
			App:   schedules(),
			Fault: fault.ScaleDown{To: 2, Delete: []int{3, 2}},
			Left:  2,
			Watch: 15 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.RunsOnce(),
				promise.KeepsRunning(4 * time.Second),
				promise.KeepsServing(2),
			},
		},
	}
}
