package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// PortSelf is S02 of the catalogue with S01 as its decoy: the app is in its own
// way.
func PortSelf() Scenario {
	const cause = string(engine.PortSelf)
	const foreign = string(engine.PortForeign)
	return Scenario{
		Name: "port-self",
		Story: `A release listens on its own port twice: a second app.listen in a module that was required for
something else, a metrics server whose port was never changed. Every worker dies of its second
listen with "bind EADDRINUSE null:3000", PM2 gives up within seconds, pm2 ls shows "waiting restart"
with pid 0. People look for the process that holds the port, and there is none: ss lists PM2's
daemon while a worker lives, and nobody afterwards.
An engine proves it by who was on the port each time it looked, which was never a stranger. There is
nothing to wait for, and each new process dies the same way: it must not start any, and tell people
to look into the code. In code: remove the second listen.`,
		Labels:  []string{"cause:port-conflict", "tier:extended", ProfileCore},
		App:     fourWorkers("listens-twice"),
		Load:    steadyLoad(),
		Fault:   fault.BadRelease{Flag: "next", Says: "EADDRINUSE"},
		Recover: 15 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Alerts(cause, 20*time.Second),
			promise.Mentions("server.listen"),
			promise.Diagnoses(cause),
			promise.SparesRequests(),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: append(oneOrMany(8), anyApp(variant.KillTimeouts()).Without("wait_ready")...), // PM2 must give up for itself, or the loop is to be stopped
		Decoy: &Decoy{
			Story: `The same words from the same app in its good release, and this time somebody is there (S01): another
service took the port during a restart. The engine must name that process, and bring the workers
back when it is gone.`,
			App:       fourWorkers("listens-twice"),
			Fault:     fault.PortTaken{},
			LiftAfter: 12 * time.Second,
			Watch:     15 * time.Second,
			Promises: []promise.Promise{
				promise.Diagnoses(foreign),
				promise.Alerts(foreign, 15*time.Second),
				promise.Mentions("metrics.js"),
				promise.Recovers(10 * time.Second),
				promise.KeepsBounds(),
				promise.ActsAtMostEach(3),
				promise.TellsTheTruth(),
			},
		},
	}
}
