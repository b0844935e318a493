package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// NodeRemoved is a host on which Node's binary is not there any more.
func NodeRemoved() Scenario {
	const cause = string(engine.CannotStart)
	return Scenario{
		Name: "node-removed",
		Story: `Somebody removes a version of Node that seems to be old, and it is the one that PM2's daemon was started
with. The daemon and all workers run on: the kernel keeps a file that is open. Nobody notices until the
kernel kills a worker for want of memory. PM2 cannot start another: pm2.log says "spawn /usr/local/bin/node
ENOENT", pm2 ls shows the worker without a process, and PM2 does not try again. Each worker that goes is
gone for good, and so is every one of them after the next pm2 restart.
An engine must not restart anybody: those that serve are all that is left. It says which binary is not
there. Put it back, then restart the worker.`,
		Labels:  []string{"cause:host", "tier:extended"},
		App:     fourWorkers("well-behaved"),
		Load:    steadyLoad(),
		Fault:   fault.LostNode{},
		Left:    3,
		Recover: 20 * time.Second,
		Linger:  15 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.Mentions("cannot start Node"),
			promise.SparesRequests(),
			promise.StopsLosing(15 * time.Second),
			promise.KeepsServingAllBut(1),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(variant.Workers(2, 8), variant.KillTimeouts()),
		Decoy: &Decoy{
			Story: `The binary is away for two seconds, as an upgrade has it, and nobody is started meanwhile. Then a worker is
killed, and PM2 starts another one. There is nothing to say.`,
			App:    fourWorkers("well-behaved"),
			Fault:  fault.LostNode{For: 2 * time.Second},
			Watch:  20 * time.Second,
			Linger: 15 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(15 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
