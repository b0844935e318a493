package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// ClaimSingleListener drills what the source document reads off ss -tlnp.
func ClaimSingleListener() Scenario {
	return Scenario{
		Name: "claim-single-listener",
		Story: `Who listens on the app's port? In cluster mode PM2's daemon alone: it accepts every connection and
hands it to a worker. That holds throughout, also while pm2 reload replaces all workers.
It does not work the other way round. Workers that listen with exclusive: true bind the port themselves;
one gets it, the others die of EADDRINUSE over and over, and ss -tlnp still shows one line. Whose it
is tells them apart: "PM2 v7.0.4: God" is well, "node /srv/app/server.js" is one worker that serves alone.`,
		Labels:   []string{"cause:port-conflict", "tier:claims"},
		App:      fourWorkers("well-behaved"),
		Load:     steadyLoad(),
		Fault:    fault.RollingRestart{},
		Replace:  true,
		Recover:  rollWithin,
		Promises: []promise.Promise{promise.OneListener()},
		Claim: &Claim{
			Says:     "While the cluster is well, ss -tlnp has one line for the port, and the process in it is PM2's daemon.",
			Instead:  "One line alone proves nothing, a broken cluster has one too: the process in it must be the daemon.",
			App:      fourWorkers("binds-alone"),
			Fault:    fault.BadRelease{Flag: "next", Says: "EADDRINUSE"},
			Watch:    10 * time.Second,
			Promises: []promise.Promise{promise.LoneListener()},
		},
	}
}
