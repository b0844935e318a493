package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// DaemonKilled is a PM2 whose daemon is killed while a debugger has stopped one worker.
func DaemonKilled() Scenario {
	const cause = string(engine.DaemonDead)
	return Scenario{
		Name: "daemon-killed",
		Story: `Somebody's debugger has just stopped the process of one worker, and memory runs out on the host: the kernel
kills PM2's daemon. The workers end when their daemon has gone, but for the one that is stopped: it can
end only when somebody lets it go on. pm2 ls starts an empty daemon, which knows nothing of that process.
An engine must see that there is no daemon any more, and which process is left over, by the kernel and not
by PM2. It wakes people with both: end that process, then start PM2 again. It kills nobody and starts
nothing itself: no daemon is there to tell whose the process is.`,
		Labels:  []string{"cause:daemon", "tier:extended"},
		App:     fourWorkers("stalls"),
		Load:    steadyLoad(),
		Fault:   fault.KilledDaemon{},
		Recover: 20 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Diagnoses(cause),
			promise.Alerts(cause, 15*time.Second),
			promise.Mentions("left over"),
			promise.SparesRequests(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(),
		Decoy: &Decoy{
			Story: `The debugger stops the daemon itself, and lets it go on after four seconds. Meanwhile it accepts connections
and answers nobody, and no new client is served. It has not gone, and neither has any worker: there is
nothing to start again, and nothing to end.`,
			App:   fourWorkers("stalls"),
			Fault: fault.PausedDaemon{For: 4 * time.Second},
			Watch: 20 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(15 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
