package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// ClaimSigintHandler drills the SIGINT handler that the source document gives.
func ClaimSigintHandler() Scenario {
	return Scenario{
		Name: "claim-sigint-handler",
		Story: `An operator runs pm2 reload. The app does on SIGINT what the document advises, with
its settings: it closes the server, exits when that is done, and after eight seconds in any case;
kill_timeout is eight seconds too, so that the two race. A connection that always has a next request never becomes idle,
close() never ends, and its client is cut off; one that is idle is hung up on just when its client may be
sending. pm2 reload prints green ticks.
A handler that announces Connection: close with each answer, and lingers until its last connection has
gone and half a second longer, loses nothing.`,
		Labels:   []string{"cause:graceful-shutdown", "tier:claims"},
		App:      fourWorkers("closes-as-advised"),
		Load:     busyClients(),
		Fault:    fault.RollingRestart{},
		Replace:  true,
		Recover:  rollWithin,
		Breaks:   "drops-nothing",
		Promises: []promise.Promise{promise.DropsNothing()},
		Claim: &Claim{
			Says:     "With the SIGINT handler it recommends, pm2 reload drops no request.",
			Instead:  "A handler that announces Connection: close and lingers half a second drops nothing.",
			App:      fourWorkers("well-behaved"),
			Fault:    fault.RollingRestart{},
			Replace:  true,
			Watch:    rollWithin,
			Promises: []promise.Promise{promise.Replaces(rollWithin), promise.DropsNothing()},
		},
	}
}

// busyClients is the steady load with kept connections that are under way half of
// the time: what is cut off then is a request, and not only a connection.
func busyClients() []load.Lane {
	lanes := steadyLoad()
	for i := range lanes {
		if l := &lanes[i]; l.Kind == load.KeepAlive {
			l.Work = 100 * time.Millisecond
		}
	}
	return lanes
}
