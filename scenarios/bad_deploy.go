package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// BadDeploy is S05 of the catalogue: a rolling restart brings a release that
// cannot start.
func BadDeploy() Scenario {
	const cause = string(engine.BootCrash)
	const says = "DATABASE_URL is not set"
	return Scenario{
		Name: "bad-deploy",
		Story: `A release that dies at every start is deployed by a rolling restart. pm2 reload replaces worker after
worker without a look at what becomes of the new ones: it answers with green ticks and exit code 0,
and nobody serves any more. pm2 ls shows "waiting restart" four times.
An engine replaces one worker first, and goes on only when that one has answered and lived for a
while. Here it dies: the roll stops, three workers of the old release serve on, the fourth is
stopped, and people get the error. In the pipeline: deploy one worker, look, then the others.`,
		Labels:  []string{"cause:dies-at-boot", "tier:extended"},
		App:     fourWorkers("needs-variable"),
		Load:    steadyLoad(),
		Fault:   fault.BadDeploy{Flag: "next", Says: says},
		Recover: 15 * time.Second,
		Linger:  20 * time.Second,
		Breaks:  "keeps-serving",
		Promises: []promise.Promise{
			promise.KeepsServingAllBut(1),
			promise.DropsNothing(),
			promise.StopsChurning(15 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.Mentions(says),
			promise.KeepsBounds(),
			promise.ActsAtMost(3),
			promise.TellsTheTruth(),
		},
		Each:   10 * time.Second,
		Varies: append(anyApp(variant.Workers(2, 6), variant.KillTimeouts()).Without("wait_ready"), variant.Readiness().Without("listen_timeout 8000")), // the decoy takes eight seconds
		Decoy: &Decoy{
			Story: `A good release that warms up for eight seconds before it listens, and grumbles at its start. The
first worker is away for long, but it lives and then answers: the roll must wait for it, not take it
for one that cannot start, and go on to the last.`,
			App:     fourWorkers("warms-up"),
			Fault:   fault.SlowRelease{Flag: "next", Roll: true},
			Replace: true,
			Watch:   slowRoll,
			Promises: []promise.Promise{
				promise.Replaces(slowRoll),
				promise.DropsNothing(),
				promise.DiagnosesNothing(),
				promise.KeepsServingAllBut(1),
				promise.KeepsBounds(),
				promise.TellsTheTruth(),
			},
		},
	}
}

// slowRoll is how long a roll may take when each worker warms up for eight seconds.
const slowRoll = 2 * time.Minute
