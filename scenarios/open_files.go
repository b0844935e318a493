package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// OpenFiles is a worker that has as many files open as it may.
func OpenFiles() Scenario {
	const cause = string(engine.OpenFiles)
	return Scenario{
		Name: "open-files",
		Story: `A request opens a file for each article and closes none, until the worker may open no more (EMFILE; the
container allows 256 for each process). The worker lives, its event loop turns and it sends heartbeats. But
PM2's daemon hands each new connection over as a descriptor, and the kernel drops one for which the worker
has no room: its client waits for an answer that nobody will give. The daemon waits for the worker's word
that it has taken it, and hands it no other. Three workers carry the load, and PM2 shows four online, for ever.
An engine reads how many descriptors each worker has open and how many it may have, sees that the others are
far from that, and replaces that one worker. In code: close what was opened. A higher limit only puts it off.`,
		Labels:  []string{"cause:resources", "tier:extended"},
		App:     fewFiles(),
		Load:    steadyLoad(),
		Fault:   fault.PoisonRequests{Paths: []string{"/leak"}, Says: "EMFILE"},
		Recover: 35 * time.Second,
		Linger:  30 * time.Second,
		Breaks:  "recovers",
		Promises: []promise.Promise{
			promise.Recovers(30 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 30*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(30 * time.Second),
			promise.KeepsServingAllBut(1),
			promise.KeepsBounds(),
			promise.ActsAtMost(3),
			promise.TellsTheTruth(),
		},
		Varies: anyApp(variant.Workers(3, 8), variant.KillTimeouts()),
		Decoy: &Decoy{
			Story: `The same request for a hundred articles: the worker has four times as many files open as the others, for ten
seconds, and room for its connections. It needs no help.`,
			App:    fewFiles(),
			Fault:  fault.PoisonRequests{Paths: []string{"/leak?n=100&ms=10000"}, Says: "files are open"},
			Watch:  15 * time.Second,
			Linger: 15 * time.Second,
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

// fewFiles is an app each process of which may have so many files open.
func fewFiles() drill.App {
	app := fourWorkers("leaks-files")
	app.Limits = cluster.Limits{OpenFiles: 256}
	return app
}
