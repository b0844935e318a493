package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// PortExclusive is S03 of the catalogue: workers take the port from each other.
func PortExclusive() Scenario {
	const cause = string(engine.PortSibling)
	return Scenario{
		Name: "port-exclusive",
		Story: `A release listens with exclusive: true: the socket stays in the worker that binds first, instead of
with PM2's daemon, who would share it (for fork mode see port-fork). That worker serves alone; every
other dies with "listen EADDRINUSE :::3000", and with a restart_delay PM2 starts them for ever. pm2 ls
shows one worker online and three whose restarts climb.
An engine sees that the port's owner is a worker of the app itself, leaves it alone, stops the other
loops and pages. Killing the owner only changes who has the port. In code: no exclusive.`,
		Labels:  []string{"cause:port-conflict", "tier:extended"},
		App:     fourWorkers("binds-alone"),
		Load:    steadyLoad(),
		Fault:   fault.BadRelease{Flag: "next", Says: "EADDRINUSE"},
		Recover: 20 * time.Second,
		Breaks:  "stops-churning",
		Promises: []promise.Promise{
			promise.StopsChurning(15 * time.Second),
			promise.StartsAtMost(4), // the operator's start, and three of PM2's
			promise.Diagnoses(cause),
			promise.Alerts(cause, 15*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(15 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMost(4),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `exclusive: true is taken back a moment too late. One worker still starts with it, finds that PM2's
daemon holds the port for the other three, and dies with the very same words, once: PM2's own restart
brings it up with the setting gone. There is nothing to do.`,
			App:   fourWorkers("binds-alone"),
			Fault: fault.BadRelease{Flag: "candidate", Says: "listen EADDRINUSE"},
			Watch: 15 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(15 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
