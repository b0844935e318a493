package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// ClaimResetCounters drills a remedy that the source document promises.
func ClaimResetCounters() Scenario {
	const within = 20 * time.Second
	after := func(remedy string) fault.GivenUp {
		return fault.GivenUp{Release: fault.BadRelease{Flag: "next", Says: "broken release"}, Remedy: remedy}
	}
	return Scenario{
		Name: "claim-reset-counters",
		Story: `A bad release dies at every start until PM2 gives up on all four workers. The good release is put back,
and then comes the remedy. pm2 reset does what it says: it sets the counters to nought, and pm2 ls looks
clean. It starts nothing: the workers stay without a process, and nobody serves.
(To a loop that PM2 has not stopped it does harm: its window for giving up begins anew.)
pm2 restart sets the same counters back and starts the workers.`,
		Labels:    []string{"cause:dies-at-boot", "tier:claims"},
		App:       fourWorkers("gives-up"),
		Load:      steadyLoad(),
		Fault:     after("reset"),
		LiftAfter: time.Second,
		Recover:   within,
		Breaks:    "recovers",
		Promises:  []promise.Promise{promise.Recovers(within)},
		Claim: &Claim{
			Says:      "Setting the restart counters back helps workers that keep dying.",
			Instead:   "pm2 reset revives nothing that PM2 has given up on; pm2 restart does.",
			App:       fourWorkers("gives-up"),
			Fault:     after("restart"),
			LiftAfter: time.Second,
			Watch:     within,
			Promises:  []promise.Promise{promise.Recovers(within)},
		},
	}
}
