package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// SigintIgnored is S11 of the catalogue: the app has a SIGINT handler that does
// not end it.
func SigintIgnored() Scenario {
	s := rollingRestart("ignores-sigint", engine.SigintIgnored)
	s.Name = "sigint-ignored"
	s.Story = `A rolling restart is asked for. The app catches SIGINT and goes on as if nothing had been said, so
pm2 reload waits for kill_timeout (1.6 s unless configured) and kills the worker with SIGKILL, and
with it every request inside: a few with 20 ms requests, hundreds with requests of two seconds.
pm2.log has "still alive after 1600ms, sending SIGKILL"; pm2 reload answers with green ticks.
An engine can take each worker out of the rotation, let it finish, and replace it empty. In code:
stop accepting on SIGINT, answer what is open with Connection: close, then exit.`
	s.Decoy = quietRoll(`The same request, and an app that shuts down as it should: nothing is wrong and nothing is diagnosed.`, "well-behaved")
	return s
}

// SigintUnhandled is S10 of the catalogue: the app has no SIGINT handler at all.
func SigintUnhandled() Scenario {
	s := rollingRestart("no-handler", engine.NoDrainSupport)
	s.Name = "sigint-unhandled"
	s.Story = `A rolling restart is asked for. The app has no SIGINT handler, so pm2 reload ends each worker at
once, with every request inside, and a connection that was being handed to it hangs until the
client gives up. pm2 reload answers with green ticks and pm2 ls looks perfect.
An engine can take each worker out of the rotation, let it finish, and replace it empty. In code:
handle SIGINT: stop accepting, answer what is open with Connection: close, then exit.`
	s.Decoy = quietRoll(`The same request, and an app whose handler closes the server and no more. That is not good enough for
pm2 reload, but it is a handler, and an empty worker ends by it: to say that there is none would be wrong.`, "closes-only")
	return s
}

// quietRoll is a rolling restart of an app of which there is nothing to say.
func quietRoll(story, fixture string) *Decoy {
	return &Decoy{
		Story:   story,
		App:     fourWorkers(fixture),
		Fault:   fault.RollingRestart{},
		Replace: true,
		Watch:   rollWithin,
		Promises: []promise.Promise{
			promise.Replaces(rollWithin),
			promise.DropsNothing(),
			promise.DiagnosesNothing(),
			promise.KeepsServingAllBut(1),
			promise.KeepsBounds(),
		},
	}
}

// rollWithin is how long a rolling restart of four workers may take: each one
// finishes its requests of two seconds, boots and is looked at before the next.
const rollWithin = 60 * time.Second

func rollingRestart(fixture string, cause engine.Cause) Scenario {
	return Scenario{
		Labels:  []string{"cause:graceful-shutdown", "tier:core"},
		App:     fourWorkers(fixture),
		Load:    steadyLoad(),
		Fault:   fault.RollingRestart{},
		Replace: true,
		Recover: rollWithin,
		Breaks:  "drops-nothing",
		Varies:  anyApp(variant.Workers(2, 6)),
		Each:    rollWithin / usual,
		Promises: []promise.Promise{
			promise.Replaces(rollWithin),
			promise.DropsNothing(),
			promise.Diagnoses(string(cause)),
			promise.Alerts(string(cause), rollWithin),
			promise.KeepsServingAllBut(1),
			promise.KeepsBounds(),
			promise.TellsTheTruth(),
		},
	}
}
