package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// StoppedWorker is the other variant of S24: one worker's process is stopped.
func StoppedWorker() Scenario {
	const cause = string(engine.StoppedProcess)
	return Scenario{
		Name: "stopped-worker",
		Story: `Somebody's SIGSTOP (a debugger that was detached badly, a cgroup freezer, a mistyped kill) stops
one worker's process. PM2 shows it online, at 0 % CPU, and would for ever: it neither runs nor ends.
SIGINT and SIGTERM wait in its queue, so pm2 restart hangs until kill_timeout. Clients with a
connection to it hang; new ones hardly notice, for the primary passes it over.
An engine reads the state off the kernel (T), waits longer than anybody stops a process in passing,
and kills that one process: SIGKILL is the only signal it still obeys. PM2 starts another.`,
		Labels:  []string{"cause:skewed-load", "tier:extended", ProfileCore},
		App:     fourWorkers("stalls"),
		Load:    steadyLoad(),
		Fault:   fault.StoppedWorker{},
		Recover: 20 * time.Second,
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
		Varies: anyApp(variant.Workers(2, 16), variant.KillTimeouts(), variant.Restarts()),
		Decoy: &Decoy{
			Story: `A worker is stopped for two seconds, as gcore or a snapshot of its memory does, and goes on.
It needs no help.`,
			App:   fourWorkers("stalls"),
			Fault: fault.StoppedWorker{For: 2 * time.Second},
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
