package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// NullMessage is a worker that sends PM2's daemon null.
func NullMessage() Scenario {
	const cause = string(engine.DaemonDead)
	return Scenario{
		Name: "null-message",
		Story: `A handler tells PM2's daemon what it has found, and where it has found nothing it calls
process.send(null). The daemon reads a property of each message that a worker sends, dies of a TypeError,
and takes every app of the host with it: workers end when their daemon has gone. No process manager is
left that could start anything, and pm2 ls starts an empty daemon, which shows no apps at all.
An engine must see that there is no daemon any more, and not that there are no apps. It wakes people with
what they need to start PM2 again; it must not start a daemon over whatever is left. In code: never send null.`,
		Labels:  []string{"cause:daemon", "tier:extended"},
		App:     fourWorkers("sends-null"),
		Load:    steadyLoad(),
		Fault:   fault.NullMessage{Path: "/report"},
		Recover: 20 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Diagnoses(cause),
			promise.Alerts(cause, 15*time.Second),
			promise.Mentions("pm2 resurrect"),
			promise.SparesRequests(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(),
		Decoy: &Decoy{
			Story: `An operator updates PM2: pm2 update ends the daemon in the same moment, starts another one, and that starts
the same apps. There is nothing to say about the daemon that went, and nothing to do.`,
			App:     fourWorkers("sends-null"),
			Fault:   fault.UpdatedPM2{},
			Watch:   30 * time.Second,
			Replace: true,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Replaces(25 * time.Second),
			},
		},
	}
}
