package scenarios

import (
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// ClaimWaitReady drills what the source document says wait_ready does.
func ClaimWaitReady() Scenario {
	return Scenario{
		Name: "claim-wait-ready",
		Story: `The app listens at once, needs a second and a half until it can work, answers 503 meanwhile, and then
sends ready, with wait_ready: true. An operator runs pm2 reload. What PM2 puts off until ready is the end
of the old worker and the word "online"; Node's cluster module hands the new one connections as soon as
it listens, and whoever is handed to it gets a 503.
An app that listens last is safe, with wait_ready or without.`,
		Labels:   []string{"cause:graceful-shutdown", "tier:claims"},
		App:      fourWorkers("listens-first"),
		Load:     steadyLoad(),
		Fault:    fault.RollingRestart{},
		Replace:  true,
		Recover:  rollWithin,
		Breaks:   "answers-ready",
		Promises: []promise.Promise{promise.AnswersReady()},
		Claim: &Claim{
			Says:     "With wait_ready, no request reaches a worker that has not sent ready yet.",
			Instead:  "A worker is handed connections from its listen() on: initialise, then listen, then send ready.",
			App:      fourWorkers("listens-last"),
			Fault:    fault.RollingRestart{},
			Replace:  true,
			Watch:    rollWithin,
			Promises: []promise.Promise{promise.Replaces(rollWithin), promise.AnswersReady(), promise.DropsNothing()},
		},
	}
}
