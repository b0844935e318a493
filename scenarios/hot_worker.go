package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// HotWorker is S23 of the catalogue: one worker burns CPU and answers on, slowly.
// Its decoy is S22.
func HotWorker() Scenario {
	const cause = string(engine.HotWorker)
	return Scenario{
		Name: "hot-worker",
		Story: `A request leaves a timer behind in one worker, and the timer computes for ever. Every request that
worker gets waits for a turn of its event loop: one client in four is slow and nobody knows why,
since a reload of the page is fast. pm2 ls shows one worker at 80 % CPU, which a busy one may well
have; nothing is logged, nothing dies.
An engine can tell a late event loop from a busy one, and replace that worker without losing a
request. In code: end what requests begin.`,
		Labels:  []string{"cause:skewed-load", "tier:extended", ProfileCore},
		App:     fourWorkers("runs-hot"),
		Load:    steadyLoad(),
		Fault:   fault.HotWorker{},
		Recover: 20 * time.Second,
		Hungry:  true,
		Linger:  40 * time.Second,
		Breaks:  "stays-fast",
		Promises: []promise.Promise{
			promise.StaysFast(30 * time.Second),
			promise.Recovers(30 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 25*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(30 * time.Second),
			promise.KeepsServingAllBut(1),
			promise.KeepsBounds(),
			promise.ActsAtMost(1),
			promise.TellsTheTruth(),
		},
		Varies: anyApp(variant.Workers(2, 8), variant.KillTimeouts(), variant.Restarts()),
		Decoy: &Decoy{
			Story: `One client keeps one connection and has a lot to ask: its worker burns more CPU than the others, as it
should, and answers everybody at once. Nothing is wrong.`,
			App:   fourWorkers("runs-hot"),
			Fault: fault.BusyClient{Rate: 100, Cost: 6 * time.Millisecond, For: 60 * time.Second},
			Watch: 15 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.StaysFast(0),
				promise.KeepsServingAllBut(0),
				promise.KeepsBounds(),
			},
		},
	}
}
