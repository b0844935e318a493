package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// CronRestart is a cron_restart, which ends all workers at once.
func CronRestart() Scenario {
	const cause = string(engine.CronRestart)
	unready := fourWorkers("listens-last")
	unready.Settings = map[string]any{"wait_ready": nil}
	return Scenario{
		Name: "cron-restart",
		Story: `Somebody gives the app a cron_restart, here of every half minute, as a remedy for a leak. PM2 makes a
timer for each worker, and all of them fire in the same second. It restarts and does not reload: all
workers end at once, and nobody serves until they have started, which takes this app a second and a
half. pm2 ls shows one restart more for each, as if there had been a deployment. Every request meanwhile
is refused, at every tick.
An engine must not take it for a deployment, for an operator's restart or for crashes: it names the
setting and its pattern, and leaves it to people to take it out. A timer of the host's that runs
pm2 reload does the same without an outage.`,
		Labels:  []string{"cause:settings", "tier:extended"},
		App:     fourWorkers("listens-last"),
		Load:    steadyLoad(),
		Fault:   fault.CronRestart{Pattern: "*/30 * * * * *"},
		Recover: 20 * time.Second,
		Linger:  15 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Diagnoses(cause),
			promise.Alerts(cause, 60*time.Second),
			promise.Mentions("cron_restart"),
			promise.SparesRequests(),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(variant.Workers(2, 8), variant.KillTimeouts()),
		Decoy: &Decoy{
			Story: `An operator types pm2 restart, of an app without wait_ready. PM2 restarts two workers at a time and does not
wait until they listen, so that it ends the other two while nobody serves. That was asked for.`,
			App:   unready,
			Fault: fault.OperatorRestart{},
			Watch: 20 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(15 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
