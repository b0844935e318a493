package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// LogClosed is a log file that PM2's wrapper may not open.
func LogClosed() Scenario {
	const cause, folder = string(engine.FileMissing), "/home/node/log"
	return Scenario{
		Name: "log-closed",
		Story: `The app's logs are in a folder of its own, and a script that ran as another user has taken the right to
write there. Nobody notices: workers that run have their files open. At the next restart PM2's wrapper
opens the logs before it loads the app, may not (EACCES), and throws. Every worker dies at every start,
and PM2 gives up within seconds. The error is in none of the app's logs, for these are what cannot be
opened, and when the right is given back nobody starts the app.
An engine hears the error on PM2's bus, and says which file it is. It tries one worker now and then, and
the others when that one lives.`,
		Labels:    []string{"cause:host", "tier:extended"},
		App:       fourWorkers("logs-elsewhere"),
		Load:      steadyLoad(),
		Fault:     fault.ClosedLogs{Folder: folder},
		LiftAfter: 25 * time.Second,
		Recover:   35 * time.Second,
		Breaks:    "recovers",
		Promises: []promise.Promise{
			promise.Recovers(30 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.Mentions(folder + "/"),
			promise.SparesRequests(),
			promise.StopsLosing(60 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMost(24),
			promise.TellsTheTruth(),
		},
		Varies: anyApp().Without("wait_ready"),
		Decoy: &Decoy{
			Story:  `logrotate moves the logs away and has PM2 open new ones. Workers run on, and there is nothing to say.`,
			App:    fourWorkers("logs-elsewhere"),
			Fault:  fault.RotatedLogs{Folder: folder},
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
