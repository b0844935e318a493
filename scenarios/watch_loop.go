package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// WatchLoop is an app that writes into the folder that PM2 watches.
func WatchLoop() Scenario {
	const cause = string(engine.WatchLoop)
	return Scenario{
		Name: "watch-loop",
		Story: `The app's file has PM2 watch the folder of its data, so that a new price list has it start anew. A new
release of the app writes its cache into that folder. PM2 sees the file change and restarts all workers at
once; each of them writes its cache when it has started, and PM2 sees the file change. That goes on for
ever: no such restart is unstable, so that PM2 never gives up, and at each round nobody serves. pm2 ls
shows a number of restarts that climbs, which looks like a crash, and no log of the app has an error.
An engine must not take it for crashes or for a deployment that goes on: it names the file that PM2 has
seen change, and restarts nobody. Put the file into ignore_watch, or take watch out.`,
		Labels:  []string{"cause:settings", "tier:extended"},
		App:     fourWorkers("watches-itself"),
		Load:    steadyLoad(),
		Fault:   fault.WatchedRelease{Flag: "next", Rounds: 3},
		Recover: 10 * time.Second,
		Linger:  40 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Diagnoses(cause),
			promise.Alerts(cause, 80*time.Second),
			promise.Mentions("ignore_watch"),
			promise.SparesRequests(),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp().Without("wait_ready"),
		Decoy: &Decoy{
			Story: `A release that writes its cache once, if there is none: PM2 starts the app anew for it, once, and all is well.
It was asked to.`,
			App:    fourWorkers("watches-itself"),
			Fault:  fault.WatchedRelease{Flag: "candidate", Rounds: 1},
			Watch:  30 * time.Second,
			Linger: 20 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(40 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
