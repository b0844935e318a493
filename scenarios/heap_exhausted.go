package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// HeapExhausted is an app that keeps objects until V8's heap is full.
func HeapExhausted() Scenario {
	const cause = string(engine.HeapExhausted)
	return Scenario{
		Name: "heap-exhausted",
		Story: `A request imports rows, and the app keeps every one of them. When V8's heap is full, which the app's
file sets to 64 MB, V8 writes "JavaScript heap out of memory" and ends the process by SIGABRT, with
every request that it had. PM2 starts another worker. In cluster mode the text is in pm2.log alone, so
pm2 logs shows nothing, and pm2 ls shows one restart more. The client tries again, and the next worker goes.
PM2 has done all that can be done. An engine must say that the heap was full and how large it was, and
must restart nobody. In code: find what is kept, or read the rows as a stream.`,
		Labels:  []string{"cause:memory", "tier:extended"},
		App:     fourWorkers("fills-heap"),
		Load:    steadyLoad(),
		Fault:   fault.PoisonRequests{Paths: []string{"/leak", "/leak"}, Every: 5 * time.Second, Says: "via signal [SIGABRT]", Kills: true},
		Recover: 25 * time.Second,
		Linger:  15 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Recovers(20 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 15*time.Second),
			promise.Mentions("heap"),
			promise.SparesRequests(),
			promise.StopsLosing(20 * time.Second),
			promise.KeepsServingAllBut(2),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(variant.Workers(3, 8), variant.KillTimeouts()),
		Decoy: &Decoy{
			Story: `The same import runs in a process of its own. That one's heap is full in the same way, the worker logs
its words, and every worker lives on: say nothing, and do nothing.`,
			App:    fourWorkers("fills-heap"),
			Fault:  fault.PoisonRequests{Paths: []string{"/leak?child", "/leak?child"}, Every: 3 * time.Second, Says: "JavaScript heap out of memory"},
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
