package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// DaemonRestarted is two things at once: PM2's daemon is another one, and a worker is stopped.
func DaemonRestarted() Scenario {
	const cause, worker = string(engine.StoppedProcess), 3
	return Scenario{
		Name: "daemon-restarted",
		Story: `An operator stops one worker for good and updates PM2: pm2 update ends the daemon, starts another one, and
starts the app anew, but for the worker that was stopped. Just then somebody's debugger stops the process
of another worker and forgets it. PM2 shows that one online, for ever, and the first one stopped.
An engine has lost its connection to PM2, every pid that it knew and its count of heartbeats. It must find
its way back, must not take the update for the daemon's death, and must tell the two stopped ones apart:
the one it kills, so that PM2 starts another, and the other it leaves alone.`,
		Labels:  []string{"cause:overlap", "tier:extended"},
		App:     fourWorkers("stalls"),
		Load:    steadyLoad(),
		Fault:   fault.RestartedDaemon{Stop: worker},
		Left:    3,
		Recover: 25 * time.Second,
		Breaks:  "recovers",
		Promises: []promise.Promise{
			promise.Recovers(45 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 45*time.Second),
			promise.StaysStopped(worker),
			promise.SparesRequests(),
			promise.ActsAtMost(2),
			promise.TellsTheTruth(),
		},
	}
}
