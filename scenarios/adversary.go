package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// LogImitates is an adversary: the app prints the logs of other hosts.
func LogImitates() Scenario {
	const cause = string(engine.StoppedProcess)
	return Scenario{
		Name: "log-imitates",
		Story: `The app is a support desk's tool, and prints what other hosts have logged: ports that are taken, servers
that refuse, variables that are missing, heaps that are exhausted, and lines of another PM2 that gives up
on workers, kills them and starts them, all in the same words as here, on stdout and on stderr, as text and
as JSON. Nothing in them is about this app. In the middle of it one worker's process is stopped by a signal.
An engine must not believe a word for which nothing else speaks, neither before nor after: who serves does
not die of an error, and PM2's own lines stand in PM2's own log. It must see the one worker all the same.`,
		Labels:     []string{"cause:adversary", "tier:extended"},
		App:        fourWorkers("relays-logs"),
		Load:       steadyLoad(),
		Fault:      fault.StoppedWorker{},
		Background: fault.Background{Deploy: 10 * time.Second, Pause: 11 * time.Second, Lasts: 700 * time.Millisecond},
		Recover:    25 * time.Second,
		Linger:     30 * time.Second,
		Breaks:     "recovers",
		Promises: []promise.Promise{
			promise.Recovers(20 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(20 * time.Second),
			promise.KeepsServing(3),
			promise.KeepsBounds(),
			promise.ActsAtMost(2),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The same log, and the kernel kills one worker, which PM2 replaces at once. One death explains nothing, and
the words beside it are not its own: say nothing, or that one worker died, and do nothing.`,
			App:    fourWorkers("relays-logs"),
			Fault:  fault.KilledWorker{},
			Watch:  20 * time.Second,
			Linger: 20 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(10 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}

// OperatorContradicts is an adversary: a person does the opposite of what the engine does.
func OperatorContradicts() Scenario {
	const cause, worker = string(engine.PortForeign), 3
	return Scenario{
		Name: "operator-contradicts",
		Story: `Another process takes the app's port, and the workers die of it. An engine holds them until the port is
free. A person who does not know that restarts the app, again and again, and at last stops one worker for
good, to have some peace. When the port is free PM2 has given up, and nobody starts anything.
What a person has done last is what counts: three workers come back, and the one that was stopped by hand
stays as it is, although the engine had stopped it before, for another reason. The engine must neither
fight over the others meanwhile, nor give them up because they were started by somebody else.`,
		Labels:    []string{"cause:adversary", "tier:extended"},
		App:       fourWorkers("port-taken"),
		Load:      steadyLoad(),
		Fault:     fault.ContradictingOperator{Restarts: 2, Every: 5 * time.Second, Stop: worker},
		LiftAfter: 40 * time.Second,
		Left:      3,
		Recover:   20 * time.Second,
		Breaks:    "recovers",
		Promises: []promise.Promise{
			promise.Recovers(15 * time.Second),
			promise.StaysStopped(worker),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(15 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMost(24),
			promise.TellsTheTruth(),
		},
	}
}

// DependencyFlaps is an adversary: a server that comes back, and goes again.
func DependencyFlaps() Scenario {
	const cause = string(engine.DependencyOutage)
	app := fourWorkers("needs-redis")
	app.Server = cluster.Redis
	app.Settings = map[string]any{"max_restarts": 4, "restart_delay": 1000, "exp_backoff_restart_delay": nil}
	return Scenario{
		Name: "dependency-flaps",
		Story: `The app's Redis server goes away, comes back for some seconds and goes again, three times, before it stays.
Every worker dies with its connection and again each time it boots without one, and PM2 gives up soon.
An engine that brings everybody back whenever the server answers has them die with it the next time, and
wears out; one that has seen that once and gives up leaves the app down for good. It tries one worker, and
waits longer each time, and it makes one incident of it: people are told once.`,
		Labels:    []string{"cause:adversary", "tier:extended"},
		App:       app,
		Load:      steadyLoad(),
		Fault:     fault.FlappingDependency{Times: 3, Down: 8 * time.Second, Up: 5 * time.Second},
		LiftAfter: 50 * time.Second,
		Recover:   40 * time.Second,
		Breaks:    "recovers",
		Promises: []promise.Promise{
			promise.Recovers(30 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 25*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(30 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMost(24),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The same server flaps, and an app that lives through it: it answers 503 and connects again each time.
Say once what is wrong, and wait.`,
			App:       sharesCache(),
			Fault:     fault.FlappingDependency{Times: 3, Down: 8 * time.Second, Up: 5 * time.Second},
			LiftAfter: 45 * time.Second,
			Watch:     20 * time.Second,
			Promises: []promise.Promise{
				promise.Recovers(10 * time.Second),
				promise.Diagnoses(cause),
				promise.ActsAtMost(0),
				promise.KeepsBounds(),
			},
		},
	}
}

// HealthLies is an adversary: the app's health URL tells of something else.
func HealthLies() Scenario {
	const cause = string(engine.PortForeign)
	open := fourWorkers("says-ill")
	open.Settings = map[string]any{"env": map[string]any{"WAREHOUSE": "open"}}
	return Scenario{
		Name: "health-lies",
		Story: `The app's health URL answers 503, and always has: it is about a warehouse that was closed years ago, while
every order is taken. Then another process takes the port while the app is restarted, and PM2 gives up on
the workers.
An engine that waits for 200 before it believes that a worker is well stops each one again that it has
brought back, and keeps the app down for ever. What was normal before the incident is the measure. And
in the healthy arm it must not act on a URL that has always said so.`,
		Labels:    []string{"cause:adversary", "tier:extended"},
		App:       fourWorkers("says-ill"),
		Load:      steadyLoad(),
		Fault:     fault.PortTaken{},
		LiftAfter: 35 * time.Second,
		Recover:   20 * time.Second,
		Breaks:    "recovers",
		Promises: []promise.Promise{
			promise.Recovers(15 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 15*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(15 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMost(12),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The health URL of every worker turns from 200 to 503, and every order is still taken. To tell people of the
URL is right; to restart who serves is not.`,
			App: open,
			Fault: fault.PoisonRequests{Paths: []string{"/close", "/close", "/close", "/close", "/close", "/close", "/close", "/close",
				"/close", "/close", "/close", "/close", "/close", "/close", "/close", "/close"}, Says: "the warehouse is closed"},
			Watch:  15 * time.Second,
			Linger: 45 * time.Second,
			Promises: []promise.Promise{
				promise.ActsAtMost(0),
				promise.DropsNothing(),
				promise.KeepsServing(4),
				promise.KeepsBounds(),
			},
		},
	}
}
