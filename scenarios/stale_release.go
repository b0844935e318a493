package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// StaleRelease is a deployment by a link, after which the old code runs.
func StaleRelease() Scenario {
	const cause = string(engine.StaleRelease)
	return Scenario{
		Name: "stale-release",
		Story: `A script deploys as many do: it puts the release into a folder of its own, moves the link "current" to it, and
runs pm2 reload. PM2 has resolved the link when the app was started for the first time, and keeps the path
that it found. Every worker is replaced without a lost request, pm2 ls is all green, the pipeline too, and
all of them run the release of before.
Nothing is wrong with any worker, and no restart helps: it would run the old code again. An engine sees that
the link has moved and that PM2 starts the app from the folder that it led to, and tells people what to
type. In the ecosystem file: a script and a cwd whose paths go through the link.`,
		Labels:  []string{"cause:settings", "tier:extended"},
		App:     fourWorkers("well-behaved"),
		Load:    steadyLoad(),
		Fault:   fault.LinkedRelease{},
		Replace: true,
		Recover: 20 * time.Second,
		Linger:  35 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Diagnoses(cause),
			promise.Alerts(cause, 60*time.Second),
			promise.Mentions("old release"),
			promise.DropsNothing(),
			promise.ActsAtMost(0),
			promise.KeepsBounds(),
		},
		Varies: anyApp(variant.Workers(2, 8), variant.KillTimeouts()),
		Decoy: &Decoy{
			Story: `The same deployment, by somebody who knows PM2: pm2 delete, then pm2 start in the new folder. It is down for a
moment and runs the new code. There is nothing to say.`,
			App:     fourWorkers("well-behaved"),
			Fault:   fault.LinkedRelease{Anew: true},
			Replace: true,
			Watch:   20 * time.Second,
			Linger:  35 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Replaces(20 * time.Second),
			},
		},
	}
}
