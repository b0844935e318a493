package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// DatabaseOutage is S08 of the catalogue: the workers die at boot while their
// database is down, until PM2 gives up for good.
func DatabaseOutage() Scenario {
	const cause = string(engine.DependencyOutage)
	app := fourWorkers("needs-redis")
	app.Server = cluster.Redis
	reconnects := fourWorkers("reconnects")
	reconnects.Server = cluster.Redis
	return Scenario{
		Name: "database-outage",
		Story: `The app's Redis server goes away for a while and comes back. Every worker exits when it loses
the connection and again each time it boots. With the settings that the usual advice recommends
(max_restarts 15, min_uptime 10s, exp_backoff_restart_delay 100) PM2 gives up within a minute, and
says so nowhere but in pm2.log: pm2 ls shows "waiting restart" for ever, with pid 0, and nothing
waits. The database is back; the app is not, until somebody restarts it.
An engine must not restart into the outage. It holds, watches the database, and brings the workers
back when it answers. In code: reconnect instead of exiting.`,
		Labels:    []string{"cause:dies-at-boot", "tier:core"},
		App:       app,
		Load:      steadyLoad(),
		Fault:     fault.DependencyDown{},
		LiftAfter: 100 * time.Second,
		Recover:   20 * time.Second,
		Breaks:    "recovers",
		Promises: []promise.Promise{
			promise.Recovers(10 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(10 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMostEach(4),
			promise.TellsTheTruth(),
		},
		Varies: append(oneOrMany(16), anyApp(variant.Restarts(), variant.KillTimeouts(), variant.Words())...),
		Decoy: &Decoy{
			Story: `The same outage (S07), and an app that lives through it: it answers 503 and connects again when
the server is back. Restarting it would cost requests and bring nothing: say what is wrong, and wait.`,
			App:       reconnects,
			Fault:     fault.DependencyDown{},
			LiftAfter: 20 * time.Second,
			Watch:     20 * time.Second,
			Promises: []promise.Promise{
				promise.Recovers(10 * time.Second),
				promise.Diagnoses(cause),
				promise.Alerts(cause, 15*time.Second),
				promise.ActsAtMost(0),
				promise.StopsLosing(10 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
