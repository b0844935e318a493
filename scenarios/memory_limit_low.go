package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// MemoryLimitLow is a max_memory_restart below what the app uses while all is well.
func MemoryLimitLow() Scenario {
	const cause = string(engine.MemoryLimit)
	leaks := fourWorkers("fills-memory")
	leaks.Settings = map[string]any{"max_memory_restart": "300M"}
	return Scenario{
		Name: "memory-limit-low",
		Story: `Somebody gives the app a max_memory_restart of 40 MB, and it uses more than that when it has just started.
PM2 looks at each worker's memory every half minute, and reloads each of them that is above the limit,
for ever: no such restart is unstable, so that it never gives up. pm2 ls shows workers that are online,
young, and have many restarts, which looks like a leak. Nothing grows: the limit is wrong.
An engine tells the two apart by what it takes: each worker is restarted again and again, soon after its
start. It says what the app uses and what it may, and restarts nobody. Raise the limit.`,
		Labels:  []string{"cause:memory", "tier:extended"},
		App:     fourWorkers("well-behaved"),
		Load:    steadyLoad(),
		Fault:   fault.MemoryLimit{Limit: "40M"},
		Recover: 15 * time.Second,
		Linger:  60 * time.Second,
		Breaks:  "alerts",
		Promises: []promise.Promise{
			promise.Diagnoses(cause),
			promise.Alerts(cause, 90*time.Second),
			promise.Mentions("max_memory_restart"),
			promise.SparesRequests(),
			promise.KeepsServingAllBut(2),
			promise.KeepsBounds(),
			promise.ActsAtMost(0),
		},
		Varies: anyApp(variant.KillTimeouts()),
		Decoy: &Decoy{
			Story: `One worker leaks: it comes to use more than the 300 MB that it may, and PM2 reloads it once. That is what
max_memory_restart is for: nobody need be told.`,
			App:    leaks,
			Fault:  fault.OneOverLimit{Path: "/leak?mb=320"},
			Watch:  20 * time.Second,
			Linger: 40 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.KeepsServingAllBut(1),
				promise.KeepsBounds(),
			},
		},
	}
}
