package scenarios

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// PoisonLoop is a request that a client sends again and again, and that ends the worker
// which takes it.
func PoisonLoop() Scenario {
	const cause = string(engine.Undetermined)
	orders := func(path string) []string { return slices.Repeat([]string{path}, 14) }
	return Scenario{
		Name: "poison-loop",
		Story: `A client sends an order without a customer. A callback of its handler throws a TypeError that nothing
catches, and the worker dies with every request it had. The client has no answer and sends the order
again, some seconds later, to the next worker. PM2 starts each of them again, and its number of restarts
climbs. A worker that dies of the same error over and over looks like a release that cannot start, and
an engine that believes so and stops the workers makes an outage of it.
What shows the difference is that each of them came up and served. An engine leaves all of them to PM2
and tells people that a request kills workers, and with which error. In code: check what comes in.`,
		Labels:  []string{"cause:poison", "tier:extended"},
		App:     fourWorkers("trusts-input"),
		Load:    steadyLoad(),
		Fault:   fault.PoisonRequests{Paths: orders("/order"), Every: 2500 * time.Millisecond, Says: "TypeError: Cannot read properties of undefined", Kills: true},
		Recover: 50 * time.Second,
		Linger:  48 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Recovers(45 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 40*time.Second),
			promise.Mentions("such as a request"),
			promise.SparesRequests(),
			promise.StopsLosing(45 * time.Second),
			promise.KeepsServingAllBut(2),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(variant.KillTimeouts()),
		Decoy: &Decoy{
			Story: `The same orders, and the handler catches the error and logs it: the same words in the error log, fourteen
times, and nobody dies.`,
			App:    fourWorkers("trusts-input"),
			Fault:  fault.PoisonRequests{Paths: orders("/order?caught"), Every: 2500 * time.Millisecond, Says: "TypeError: Cannot read properties of undefined"},
			Watch:  15 * time.Second,
			Linger: 35 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.DropsNothing(),
				promise.KeepsServingAllBut(0),
				promise.KeepsBounds(),
			},
		},
	}
}
