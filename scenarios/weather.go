package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Weather is M9 of the catalogue: nothing is wrong for ten minutes. All of it is
// a decoy.
func Weather() Scenario {
	const lasts = 10 * time.Minute
	return Scenario{
		Name: "weather",
		Story: `Ten minutes of a healthy app under load: it is deployed by pm2 reload every two minutes, its garbage
collector pauses a worker for more than a second three times a minute, and at every full minute
worker 0 computes a report for 20 seconds. All of that looks like something: workers go, one is
silent, one is hot. An engine that acts, or wakes somebody, does harm.`,
		Labels: []string{"cause:none", "tier:soak"},
		Load:   steadyLoad(),
		Decoy: &Decoy{
			Story:  `Nothing is wrong for ten minutes, whatever it looks like.`,
			App:    fourWorkers("moody"),
			Fault:  fault.Weather{For: lasts, Deploy: 2 * time.Minute, Pause: 19 * time.Second, Lasts: 1200 * time.Millisecond},
			Watch:  30 * time.Second,
			Linger: lasts,
			Promises: []promise.Promise{
				promise.Weathers(5, 25, 9),
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.SparesRequests(),
				promise.KeepsBounds(),
			},
		},
	}
}
