package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// ReadyNeverSent is S15 of the catalogue: the app is to say when it is ready, and
// a release has lost the line that does.
func ReadyNeverSent() Scenario {
	const (
		cause  = string(engine.ReadyNeverSent)
		within = 36 * time.Second
	)
	return Scenario{
		Name: "ready-never-sent",
		Story: `A release is rolled out. The ecosystem file has wait_ready: true and a generous listen_timeout of 40
seconds; the new code listens and serves at once, and has lost process.send('ready'). PM2 waits the
whole time for each step of a reload, 80 seconds for four workers, and a start takes 160. pm2 ls shows
launching, then online; nothing is logged, nothing is lost, and deployments have become slow.
An engine that asks each new worker for an answer knows that it serves and goes on, and says what PM2
waited for. In code: process.send('ready') in the callback of listen; or no wait_ready.`,
		Labels:  []string{"cause:graceful-shutdown", "tier:extended"},
		App:     fourWorkers("forgets-ready"),
		Load:    steadyLoad(),
		Fault:   fault.UnreadyRelease{Flag: "next", For: 5 * time.Second},
		Replace: true,
		Recover: within,
		Linger:  45 * time.Second, // PM2 gives up waiting after 40
		Breaks:  "replaces",
		Promises: []promise.Promise{
			promise.Replaces(within),
			promise.DropsNothing(),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 60*time.Second),
			promise.KeepsServing(3),
			promise.KeepsBounds(),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The same request, and a release that says that it is ready three seconds after it serves. PM2 hears
it and goes on: nothing is wrong.`,
			App:     fourWorkers("forgets-ready"),
			Fault:   fault.UnreadyRelease{Flag: "candidate", For: time.Second},
			Replace: true,
			Watch:   rollWithin,
			Promises: []promise.Promise{
				promise.Replaces(rollWithin),
				promise.DropsNothing(),
				promise.DiagnosesNothing(),
				promise.KeepsServing(3),
				promise.KeepsBounds(),
			},
		},
	}
}
