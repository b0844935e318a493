package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// EnvironmentLarge is an app that PM2 is given more variables for than it can hand on.
func EnvironmentLarge() Scenario {
	const cause = string(engine.CannotStart)
	return Scenario{
		Name: "environment-large",
		Story: `A pipeline exports the list of changed files and the release notes, and restarts the app with --update-env.
PM2 hands a cluster worker its whole environment as one variable, and Linux allows 128 KiB for one: the
worker that PM2 has just stopped cannot be started again (spawn E2BIG). PM2 has the variables for good
now, so that no restart helps, and whatever else ends a worker ends it for ever.
An engine must see that no line of the app's code has run, name the error, and restart nobody. Take the
variables out: pm2 delete, then pm2 start in a clean shell.`,
		Labels:  []string{"cause:settings", "tier:extended"},
		App:     fourWorkers("well-behaved"),
		Load:    steadyLoad(),
		Fault:   fault.LargeEnvironment{KiB: 160},
		Recover: 20 * time.Second,
		Linger:  15 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Diagnoses(cause),
			promise.Alerts(cause, 30*time.Second),
			promise.Mentions("E2BIG"),
			promise.SparesRequests(),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(),
		Decoy: &Decoy{
			Story: `The same pipeline with less to say: 60 KiB of variables, which Linux takes. All workers start again.`,
			App:   fourWorkers("well-behaved"),
			Fault: fault.LargeEnvironment{KiB: 60},
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
