package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// CircularMessage is S19 of the catalogue: requests whose handler sends a
// message that JSON cannot hold.
func CircularMessage() Scenario {
	const cause = string(engine.Serialisation)
	return Scenario{
		Name: "circular-message",
		Story: `A handler tells the primary about its request with process.send, and the message holds itself. send
throws "TypeError: Converting circular structure to JSON" in a callback, nothing catches it, and the
worker dies with every request it had. PM2 starts another, and the next such request kills that one.
pm2 ls shows restarts, no more.
An engine can do nothing that PM2 has not done already. It must say what is wrong: the error, the
line of the app that sent, and that it is neither the start nor a server. In code: send plain data.`,
		Labels:  []string{"cause:serialisation", "tier:extended", ProfileCore},
		App:     fourWorkers("sends-circular"),
		Load:    steadyLoad(),
		Fault:   fault.PoisonRequests{Paths: []string{"/report", "/report"}, Says: "TypeError", Kills: true},
		Recover: 20 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Recovers(15 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 10*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(10 * time.Second),
			promise.KeepsServingAllBut(2),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(variant.Workers(3, 16), variant.KillTimeouts(), variant.Restarts()),
		Decoy: &Decoy{
			Story: `The same requests, and the handler catches what send throws and logs it: the same words in the
error log, and nobody dies.`,
			App:   fourWorkers("sends-circular"),
			Fault: fault.PoisonRequests{Paths: []string{"/report?caught", "/report?caught"}, Says: "TypeError"},
			Watch: 15 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
