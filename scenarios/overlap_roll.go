package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// PortTakenInDeploy is two things at once: a deployment, and a stranger that takes the port.
func PortTakenInDeploy() Scenario {
	const cause = string(engine.PortForeign)
	app := fourWorkers("warms-up")
	app.Settings = map[string]any{"max_restarts": 3, "min_uptime": "20s", "restart_delay": 200}
	return Scenario{
		Name: "port-taken-in-deploy",
		Story: `A new release is deployed by pm2 stop and pm2 start. It warms up for eight seconds before it listens, and
in between another process takes the port: each worker of the new release lives for eight seconds, and
dies of it. That looks like the release's fault, and the pipeline tries it once more. PM2 gives up in the
end, and the app stays down when the port is free again.
An engine names the process that has the port, does not blame the release, and brings the workers back
when the port is free: it must wait for a start of eight seconds, and not take it for a failure.`,
		Labels:    []string{"cause:overlap", "tier:extended"},
		App:       app,
		Load:      steadyLoad(),
		Fault:     fault.PortTakenInDeploy{Flag: "next", Again: 12 * time.Second},
		LiftAfter: 75 * time.Second,
		Recover:   35 * time.Second,
		Breaks:    "recovers",
		Promises: []promise.Promise{
			promise.Recovers(30 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 40*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(30 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMost(12),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The same release is deployed by pm2 restart, and nobody takes the port. For eight seconds nobody listens:
it comes up by itself.`,
			App:     app,
			Fault:   fault.SlowRelease{Flag: "next"},
			Replace: true,
			Watch:   30 * time.Second,
			Promises: []promise.Promise{
				promise.Replaces(30 * time.Second),
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.KeepsBounds(),
			},
		},
	}
}

// LeakInRoll is two faults at once: the app ignores SIGINT, and one worker leaks.
func LeakInRoll() Scenario {
	const cause = string(engine.SigintIgnored)
	s := Scenario{
		Name: "leak-in-roll",
		Story: `A rolling restart is asked for. The app catches SIGINT and goes on as if nothing had been said, and one
worker keeps all that it reads: it grows by four megabytes a second, and PM2, which looks every half
minute, restarts it by itself when it has 400, in the same rough way: SIGINT, kill_timeout, SIGKILL.
An engine can take each worker out of the rotation, let it finish, and replace it empty. One that does so
in time has replaced the worker that leaks before PM2 does. In code: stop accepting on SIGINT, answer what
is open, then exit; and forget what was read.`,
		Labels:  []string{"cause:overlap", "tier:extended"},
		App:     fourWorkers("leaks"),
		Load:    steadyLoad(),
		Fault:   fault.LeakingRoll{},
		Replace: true,
		Recover: rollWithin,
		Breaks:  "drops-nothing",
		Promises: []promise.Promise{
			promise.Replaces(rollWithin),
			promise.DropsNothing(),
			promise.Diagnoses(cause),
			promise.Alerts(cause, rollWithin),
			promise.KeepsServing(3),
			promise.KeepsBounds(),
			promise.TellsTheTruth(),
		},
	}
	return s
}

// PoisonInRoll is two things at once: a rolling restart, and requests that kill workers.
func PoisonInRoll() Scenario {
	const cause = string(engine.Serialisation)
	poison := fault.PoisonRequests{Paths: []string{"/report", "/report", "/report", "/report"}, Says: "TypeError", Kills: true, Every: 4 * time.Second}
	return Scenario{
		Name: "poison-in-roll",
		Story: `A rolling restart is asked for, and while it goes on a request comes every four seconds whose handler
sends what JSON cannot hold: the worker that takes it dies, of old ones and of new ones. A new worker that
dies right after its start looks like a release that cannot start, and a roll that believes so stops
half-way, or takes the release back. Another app is deployed beside it.
An engine reads of what they died: of a request and not of the start. It goes on with the roll, stops
nobody, and tells people which line of the app sent it. In code: send plain data.`,
		Labels:     []string{"cause:overlap", "tier:extended"},
		App:        fourWorkers("sends-circular"),
		Load:       steadyLoad(),
		Fault:      fault.PoisonedRoll{Poison: poison},
		Background: fault.Background{Deploy: 10 * time.Second},
		Replace:    true,
		Recover:    rollWithin,
		Linger:     25 * time.Second,
		Breaks:     "alerts",
		Promises: []promise.Promise{
			promise.Replaces(rollWithin),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.SparesRequests(),
			promise.KeepsServing(2),
			promise.KeepsBounds(),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The same roll and the same requests, and the handler catches what send throws and logs it: the same words
in the error log, and nobody dies. Go on with the roll, and say nothing.`,
			App:     fourWorkers("sends-circular"),
			Fault:   fault.PoisonedRoll{Poison: fault.PoisonRequests{Paths: []string{"/report?caught", "/report?caught"}, Says: "TypeError", Every: 4 * time.Second}},
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
