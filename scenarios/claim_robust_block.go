package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/load"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// ClaimRobustBlock drills the ecosystem settings that the source document gives.
func ClaimRobustBlock() Scenario {
	app, patient := fourWorkers("needs-redis"), fourWorkers("needs-redis-patient")
	app.Server, patient.Server = cluster.Redis, cluster.Redis
	return Scenario{
		Name: "claim-robust-block",
		Story: `The app's database is away for 100 seconds, soon after a deployment, and every worker dies at boot
meanwhile. With the values that the document gives, PM2 counts each death within min_uptime (10 s) of
a start and within min_uptime times max_restarts (150 s) of the last start by hand; the fifteenth is
the last. It shows "waiting restart" with pid 0, and nothing waits: the database comes back, the app
does not. Had the outage begun three minutes later, PM2 would have gone on for ever.
With max_restarts out of reach and nothing else changed, exp_backoff_restart_delay slows PM2 down to a
start every 15 seconds, and the first one after the database's return succeeds.`,
		Labels:    []string{"cause:dies-at-boot", "tier:claims"},
		App:       app,
		Load:      gentleLoad(),
		Fault:     fault.DependencyDown{},
		LiftAfter: 100 * time.Second,
		Recover:   patience,
		Breaks:    "recovers",
		Promises:  []promise.Promise{promise.Recovers(patience)},
		Claim: &Claim{
			Says:      "With the ecosystem settings it recommends, the app comes back once its database is back.",
			Instead:   "With max_restarts: 1000000 and the rest as it is, PM2 brings the app back by itself.",
			App:       patient,
			Fault:     fault.DependencyDown{},
			LiftAfter: 100 * time.Second,
			Watch:     patience,
			Promises:  []promise.Promise{promise.Recovers(patience)},
		},
	}
}

// gentleLoad is a fifth of the usual. A worker that dies with a connection on its way
// to it may leave PM2's daemon listening for nobody (engine.ActionRelease): under the
// usual load, and with no engine to see it, the daemon would be out of file descriptors
// before the outage is over, and could start nothing. That is another story.
func gentleLoad() []load.Lane {
	lanes := steadyLoad()
	for i := range lanes {
		lanes[i].Rate /= 5
	}
	return lanes
}

// patience is how long PM2 may take to bring workers back: its longest backoff of
// 15 seconds (God.js), and as long again for a boot on a busy machine.
const patience = 30 * time.Second
