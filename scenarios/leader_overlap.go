package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// LeaderOverlap is S18 of the catalogue: a rolling restart of an app whose worker
// 0 runs the scheduled job.
func LeaderOverlap() Scenario {
	return Scenario{
		Name: "leader-overlap",
		Story: `A rolling restart is asked for. The worker with NODE_APP_INSTANCE 0 runs the scheduled job. pm2 reload
starts the new worker 0 before it ends the old one, and both run the job until the old one has let
its requests go: invoices go out twice. pm2 ls shows four workers throughout, and no log complains.
An engine can let the old one go before the new one comes, and the leader last: the job may then
miss a tick or two, which it has to be able to bear. In code: a lock in the database, or a process
of its own for the job.`,
		Labels:  []string{"cause:app-instance", "tier:extended"},
		App:     schedules(),
		Load:    steadyLoad(),
		Fault:   fault.RollingRestart{},
		Replace: true,
		Recover: rollWithin,
		Breaks:  "runs-once",
		Promises: []promise.Promise{
			promise.RunsOnce(),
			promise.KeepsRunning(6 * time.Second),
			promise.Replaces(rollWithin),
			promise.DropsNothing(),
			promise.DiagnosesNothing(),
			promise.KeepsServing(3),
			promise.KeepsBounds(),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The same request, and an app that takes a lock in the database for each run: the job neither
overlaps nor rests, whoever is replaced, and nobody has to be the last.`,
			App:     locked(),
			Fault:   fault.RollingRestart{},
			Replace: true,
			Watch:   rollWithin,
			Promises: []promise.Promise{
				promise.RunsOnce(),
				promise.KeepsRunning(4 * time.Second),
				promise.Replaces(rollWithin),
				promise.DropsNothing(),
				promise.DiagnosesNothing(),
				promise.KeepsServing(3),
				promise.KeepsBounds(),
			},
		},
	}
}

// locked is the app whose workers take turns at the job, by a lock.
func locked() drill.App {
	app := schedules()
	app.Fixture = "schedules-once"
	return app
}

// schedules is the app whose worker 0 runs a job every second.
func schedules() drill.App {
	app := fourWorkers("schedules")
	app.Server, app.Job = cluster.Postgres, true
	return app
}
