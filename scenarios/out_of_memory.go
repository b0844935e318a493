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

// OutOfMemory is an app that uses more memory than its control group may.
func OutOfMemory() Scenario {
	const cause = string(engine.OutOfMemory)
	return Scenario{
		Name: "out-of-memory",
		Story: `The container may use one gigabyte. A request reads files into buffers, which are outside V8's heap, and
keeps them: --max-old-space-size does not bound them. When the container has no more, the kernel kills
the process that uses most (SIGKILL), which cannot say a word. PM2 starts another worker and writes
"exited with code [0] via signal [SIGKILL]" to its log, which is what it writes when a person does that.
An engine must not take it for a crash of the code: it says that workers are killed for want of memory,
which the kernel has counted, and restarts nobody. In code: bound what is read.`,
		Labels:  []string{"cause:memory", "tier:extended"},
		App:     oneGigabyte(),
		Load:    steadyLoad(),
		Fault:   fault.PoisonRequests{Paths: []string{"/leak", "/leak", "/leak"}, Every: 6 * time.Second, Says: "via signal [SIGKILL]", Kills: true},
		Recover: 30 * time.Second,
		Linger:  25 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Recovers(25 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.Mentions("want of memory"),
			promise.SparesRequests(),
			promise.StopsLosing(25 * time.Second),
			promise.KeepsServingAllBut(2),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(variant.KillTimeouts()),
		Decoy: &Decoy{
			Story: `The same request keeps 150 megabytes, for three seconds: the app uses more memory than before, it is enough
for all, and nobody is killed. There is nothing to say and nothing to do.`,
			App:    oneGigabyte(),
			Fault:  fault.PoisonRequests{Paths: []string{"/leak?mb=150&ms=3000", "/leak?mb=150&ms=3000"}, Every: 5 * time.Second, Says: "the import begins"},
			Watch:  15 * time.Second,
			Linger: 20 * time.Second,
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

// oneGigabyte is an app in a container that may use so much memory.
func oneGigabyte() drill.App {
	app := fourWorkers("fills-memory")
	app.Limits = cluster.Limits{Memory: 1 << 30}
	return app
}
