package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// PortTaken is S01 of the catalogue with S02 as its decoy: a process that PM2
// does not own holds the app's port.
func PortTaken() Scenario {
	const cause = string(engine.PortForeign)
	return Scenario{
		Name: "port-taken",
		Story: `While the app is being restarted, another process takes its port. Every worker dies with
"bind EADDRINUSE null:3000" until PM2 gives up; the words are in the log, the culprit is not, and
pm2 ls shows "waiting restart" with pid 0. When the port is free again nothing restarts the app.
An engine can stop the loop, name the process that holds the port, page a person, and bring the
workers back as soon as the port is free. It must not kill a process that is not its own.`,
		Labels:    []string{"cause:port-conflict", "tier:core", ProfileCore},
		App:       fourWorkers("port-taken"),
		Load:      steadyLoad(),
		Fault:     fault.PortTaken{},
		LiftAfter: 20 * time.Second,
		Recover:   15 * time.Second,
		Breaks:    "recovers",
		Promises: []promise.Promise{
			promise.Recovers(10 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 15*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(10 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMostEach(3),
			promise.TellsTheTruth(),
		},
		Varies: append(oneOrMany(16), anyApp(variant.KillTimeouts(), variant.Restarts()).Without("wait_ready")...), // pm2 start would wait for the dead
		Decoy: &Decoy{
			Story: `A release that listens on its own port twice dies with the very same words, and nobody else is
on the port. Restarting cannot help and there is nobody to wait for: page, and touch nothing.`,
			App:   fourWorkers("listens-twice"),
			Fault: fault.BadRelease{Flag: "next", Says: "EADDRINUSE"},
			Watch: 15 * time.Second,
			Promises: []promise.Promise{
				promise.Diagnoses(string(engine.PortSelf)),
				promise.Alerts(string(engine.PortSelf), 20*time.Second),
				promise.ActsAtMost(0),
				promise.KeepsBounds(),
			},
		},
	}
}
