package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// PortFork is the fork mode of S03: four processes, and nobody to share the port
// out among them.
func PortFork() Scenario {
	const cause = string(engine.PortSibling)
	return Scenario{
		Name: "port-fork",
		Story: `The app is redeployed from an ecosystem file that says exec_mode: 'fork' and, as ever, instances: 4:
somebody debugged in fork mode, or the interpreter became tsx, for which PM2 takes fork mode by
itself. Cluster mode is what shares the port; now each process binds it, the first one gets it, and
three die with "listen EADDRINUSE: address already in use :::3000". With a restart_delay PM2 starts
them for ever. pm2 ls shows one worker online and three whose restarts climb, and "fork" in a column
that nobody reads. The site is up, on a quarter of its workers.
An engine sees that the port's owner is a worker of the app, leaves it alone, stops the other loops,
and names exec_mode. In the ecosystem file: exec_mode: 'cluster', then pm2 delete and pm2 start, since
no restart and no reload applies it.`,
		Labels:  []string{"cause:port-conflict", "tier:extended"},
		App:     fourWorkers("forks"),
		Load:    steadyLoad(),
		Fault:   fault.Redeploy{File: "fork.config.js", Says: "EADDRINUSE"},
		Left:    1,
		Recover: 20 * time.Second,
		Linger:  25 * time.Second,
		Breaks:  "stops-churning",
		Promises: []promise.Promise{
			promise.StopsChurning(15 * time.Second),
			promise.StartsAtMost(4), // the operator's start, and three of PM2's
			promise.Diagnoses(cause),
			promise.Alerts(cause, 15*time.Second),
			promise.Mentions("exec_mode"),
			promise.Recovers(10 * time.Second), // the one that has the port
			promise.SparesRequests(),
			promise.StopsLosing(10 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMost(4),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `Fork mode as it is meant: with increment_var PM2 gives each process a port of its own, 3000 to 3003,
for a proxy to choose from. One worker answers on the port that the engine knows, three on others,
and nobody dies. Nothing is wrong.`,
			App:   fourWorkers("forks"),
			Fault: fault.Redeploy{File: "ports.config.js"},
			Left:  1,
			Watch: 15 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(10 * time.Second),
				promise.StopsLosing(10 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
