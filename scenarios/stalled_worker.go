package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// StalledWorker is S24 of the catalogue: one worker's event loop spins for ever.
func StalledWorker() Scenario {
	const cause = string(engine.StalledEventLoop)
	return Scenario{
		Name: "stalled-worker",
		Story: `One worker runs into an endless loop. PM2 shows it online, at 100 % CPU. It takes one more
connection and answers nothing; then the cluster's primary passes it over, because it hands a worker
its next connection only after the last was acknowledged. New connections hardly notice, clients
with a connection to it hang, and the cluster runs on three workers without a word.
An engine sees the heartbeats stop while the process burns a core, and kills that one process once
no garbage collection would take so long. PM2 starts another. In code: find the loop.`,
		Labels:  []string{"cause:skewed-load", "tier:core", ProfileCore},
		App:     fourWorkers("stalls"),
		Load:    steadyLoad(),
		Fault:   fault.StalledWorker{},
		Recover: 20 * time.Second,
		Hungry:  true,
		Breaks:  "recovers",
		Promises: []promise.Promise{
			promise.Recovers(15 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 15*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(15 * time.Second),
			promise.KeepsServingAllBut(1),
			promise.KeepsBounds(),
			promise.ActsAtMost(2),
			promise.TellsTheTruth(),
		},
		Varies: anyApp(variant.Workers(2, 12), variant.KillTimeouts(), variant.Restarts()),
		Decoy: &Decoy{
			Story: `A worker pauses for two seconds, as a long garbage collection does, and goes on. It needs no help.`,
			App:   fourWorkers("stalls"),
			Fault: fault.StalledWorker{For: 2 * time.Second},
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
