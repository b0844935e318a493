package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// BigintMessage is S19 of the catalogue in its other variant: a message with a
// number that JSON does not have.
func BigintMessage() Scenario {
	const cause = string(engine.Serialisation)
	return Scenario{
		Name: "bigint-message",
		Story: `An Express app tells the primary about each order with process.send. The amount comes from the database
as a BigInt, and JSON has none: send throws "TypeError: Do not know how to serialize a BigInt", in a
callback where Express catches nothing. The worker dies with every request it had, PM2 starts
another, and the next order kills that one. The order itself was answered with 200.
An engine can do nothing that PM2 has not done already. It must say what is wrong: the error, and the
line of the app that sent. In code: send String(amount).`,
		Labels:  []string{"cause:serialisation", "tier:extended", ProfileCore},
		App:     fourWorkers("sends-bigint"),
		Load:    steadyLoad(),
		Fault:   fault.PoisonRequests{Paths: []string{"/order", "/order"}, Says: "serialize a BigInt", Kills: true},
		Recover: 20 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Alerts(cause, 10*time.Second),
			promise.Diagnoses(cause),
			promise.Recovers(15 * time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(10 * time.Second),
			promise.KeepsServingAllBut(2),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(variant.Workers(3, 16), variant.KillTimeouts(), variant.Restarts()),
		Decoy: &Decoy{
			Story: `A request kills its worker by a TypeError too, and nothing was sent: it reads a property of undefined.
One worker died once, and PM2 has started another. To call it a message would send people to the
wrong line.`,
			App:   fourWorkers("sends-bigint"),
			Fault: fault.PoisonRequests{Paths: []string{"/refund"}, Says: "TypeError: Cannot read properties of undefined", Kills: true},
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
