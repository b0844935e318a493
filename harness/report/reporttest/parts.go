package reporttest

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

// FailedAt is a drill of an engine in which these promises are broken, at 12 s, and which
// has lost a request at 11 s.
func FailedAt(names ...string) report.Drill {
	d := HealthySample()
	d.Scenario, d.Arm, d.Verdict, d.Rulings = "port-taken", evidence.ArmEngine, promise.Broken, nil
	for _, name := range names {
		d.Rulings = append(d.Rulings, promise.Ruling{
			Name: name, Promise: "a sentence", Verdict: promise.Broken, Expected: promise.Kept, At: []time.Duration{d.Start() + 12*time.Second},
		})
	}
	d.Losses = []promise.Loss{{Request: evidence.Request{Due: d.Start() + 11*time.Second}}}
	return d
}
