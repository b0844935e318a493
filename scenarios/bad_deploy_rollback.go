package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// BadDeployRollback is S05 of the catalogue with a way back: the request brings
// the command that puts the previous release on disk again.
func BadDeployRollback() Scenario {
	const cause = string(engine.BootCrash)
	s := BadDeploy()
	s.Name = "bad-deploy-rollback"
	s.Story = `The bad release of bad-deploy, and an operator who has thought of the way back: the request for the
rolling restart carries the command that puts the previous release on disk again. pm2 reload has no
place for such a command. It takes all four workers down, with exit code 0, and the way back is
somebody's memory at night.
An engine that has seen its first worker die of the new release stops it, runs the command once,
starts the worker again and makes sure that four workers of the old release serve. People still get
the error: a release that was taken back is not a release that works. In the pipeline: keep the
previous release on disk, and make the switch, and the switch back, one command.`
	s.Fault = fault.BadDeploy{Flag: "next", Says: "DATABASE_URL is not set", Back: true}
	s.Recover = 30 * time.Second
	s.Promises = []promise.Promise{
		promise.Recovers(30 * time.Second),
		promise.KeepsServingAllBut(1),
		promise.DropsNothing(),
		promise.StopsChurning(15 * time.Second),
		promise.Diagnoses(cause),
		promise.Alerts(cause, 20*time.Second),
		promise.KeepsBounds(),
		promise.ActsAtMost(4),
		promise.TellsTheTruth(),
	}
	s.Decoy = &Decoy{
		Story: `A release that needs a variable which another service writes a moment late: each new worker dies
once, and comes up at its second start. That is no bad release: taking it back would undo a
deployment that works. The roll goes on, and nobody is paged.`,
		App:     fourWorkers("needs-variable"),
		Fault:   fault.BadDeploy{Flag: "candidate", Says: "DATABASE_URL is not set", Back: true},
		Replace: true,
		Watch:   rollWithin,
		Promises: []promise.Promise{
			promise.Replaces(rollWithin),
			promise.DropsNothing(),
			promise.DiagnosesNothing(),
			promise.KeepsServingAllBut(1),
			promise.KeepsBounds(),
			promise.ActsAtMost(5),
		},
	}
	return s
}
