package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// VariableMissing is S04 of the catalogue: a release dies at every start.
func VariableMissing() Scenario {
	const cause = string(engine.BootCrash)
	const says = "DATABASE_URL is not set"
	return Scenario{
		Name: "variable-missing",
		Story: `A release needs a variable that nobody has set, and dies at every start with one and the same
error. The app has a restart_delay, so PM2 never gives up: the time a worker waits counts as uptime,
no restart is ever "unstable", and pm2 ls shows "waiting restart" and a number that climbs. CPU goes
into starting Node, for nothing.
An engine proves it by the same error killing the same worker twice, rules out a server that is gone
(the error names none), stops the loop, and pages with the error. It must not restart anything.`,
		Labels:  []string{"cause:dies-at-boot", "tier:extended", ProfileCore},
		App:     fourWorkers("needs-variable"),
		Load:    steadyLoad(),
		Fault:   fault.BadRelease{Flag: "next", Says: says},
		Recover: 20 * time.Second,
		Breaks:  "stops-churning",
		Promises: []promise.Promise{
			promise.StopsChurning(15 * time.Second),
			promise.StartsAtMost(4), // the operator's start, and three of PM2's
			promise.Diagnoses(cause),
			promise.Alerts(cause, 15*time.Second),
			promise.Mentions(says),
			promise.SparesRequests(),
			promise.KeepsBounds(),
			promise.ActsAtMostEach(1),
			promise.TellsTheTruth(),
		},
		Varies: append(oneOrMany(8), anyApp(variant.KillTimeouts()).Without("wait_ready")...), // pm2 restart would wait for the dead
		Decoy: &Decoy{
			Story: `The variable is there a moment too late: every worker dies once with the very same words, and
PM2's own restart brings it up. There is nothing to do.`,
			App:   fourWorkers("needs-variable"),
			Fault: fault.BadRelease{Flag: "candidate", Says: says},
			Watch: 15 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(10 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
