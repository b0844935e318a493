package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// sharesCache is an app that lives through an outage of its Redis server, and starts
// without it.
func sharesCache() drill.App {
	app := fourWorkers("shares-cache")
	app.Server = cluster.Redis
	return app
}

// OutageWithStall is two faults at once: the database is away, and one worker spins.
func OutageWithStall() Scenario {
	const outage, stall = string(engine.DependencyOutage), string(engine.StalledEventLoop)
	return Scenario{
		Name: "outage-with-stall",
		Story: `The app's Redis server goes away for a while, which the app lives through: every worker answers 503
and connects again later. At the same moment one worker runs into an endless loop. The logs are full of
the outage, which explains everything but that one worker: it is still silent when the server is back,
and pm2 ls shows it online. Other apps of the host are deployed and compute meanwhile, and workers pause.
An engine must not let the one incident hide the other. It tells people of the server and leaves the
three workers alone that wait for it; the one that spins it kills, whenever it likes, for the app starts
without its server. In code: find the loop.`,
		Labels:     []string{"cause:overlap", "tier:extended"},
		App:        sharesCache(),
		Load:       steadyLoad(),
		Fault:      fault.OutageBeside{},
		Background: fault.Background{Deploy: 10 * time.Second, Pause: 13 * time.Second, Lasts: 700 * time.Millisecond},
		LiftAfter:  20 * time.Second,
		Recover:    25 * time.Second,
		Hungry:     true,
		Breaks:     "recovers",
		Promises: []promise.Promise{
			promise.Recovers(15 * time.Second),
			promise.Diagnoses(outage, stall),
			promise.Diagnoses(stall, outage),
			promise.Alerts(outage, 15*time.Second, stall),
			promise.Alerts(stall, 30*time.Second, outage),
			promise.SparesRequests(),
			promise.StopsLosing(15 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMost(2),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The same outage, with the same background and pauses of 0.7 s, and nobody stalls. Tell people, and
touch nobody.`,
			App:       sharesCache(),
			Fault:     fault.DependencyDown{},
			LiftAfter: 15 * time.Second,
			Watch:     20 * time.Second,
			Promises: []promise.Promise{
				promise.Recovers(10 * time.Second),
				promise.Diagnoses(outage),
				promise.Alerts(outage, 15*time.Second),
				promise.ActsAtMost(0),
				promise.KeepsBounds(),
			},
		},
	}
}

// OutageWithHotWorker is two faults at once: the database is away, and one worker burns CPU.
func OutageWithHotWorker() Scenario {
	const outage, hot = string(engine.DependencyOutage), string(engine.HotWorker)
	return Scenario{
		Name: "outage-with-hot-worker",
		Story: `The app's Redis server goes away for a while, and every worker answers 503, quickly, but for one: a
request has left a timer behind in it that computes for ever. During the outage nobody minds. When the
server is back one answer in four is slow, and nobody connects that with the outage, which is over.
An engine tells people of the server, and replaces the hot worker without losing a request: at once, for
the app starts without its server, or when that is back. In code: end what requests begin.`,
		Labels:    []string{"cause:overlap", "tier:extended"},
		App:       sharesCache(),
		Load:      steadyLoad(),
		Fault:     fault.OutageBeside{Burn: true},
		LiftAfter: 20 * time.Second,
		Recover:   20 * time.Second,
		Linger:    60 * time.Second,
		Hungry:    true,
		Breaks:    "stays-fast",
		Promises: []promise.Promise{
			promise.StaysFast(50 * time.Second),
			promise.Recovers(30 * time.Second),
			promise.Diagnoses(outage, hot),
			promise.Diagnoses(hot, outage),
			promise.Alerts(outage, 15*time.Second, hot),
			promise.Alerts(hot, 45*time.Second, outage),
			promise.SparesRequests(),
			promise.KeepsBounds(),
			promise.ActsAtMost(1),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The same outage, and workers pause for 0.7 s now and then. Nobody is hot: tell people of the server,
and touch nobody.`,
			App:       sharesCache(),
			Fault:     fault.DependencyDown{},
			LiftAfter: 15 * time.Second,
			Watch:     20 * time.Second,
			Promises: []promise.Promise{
				promise.Recovers(10 * time.Second),
				promise.Diagnoses(outage),
				promise.Alerts(outage, 15*time.Second),
				promise.ActsAtMost(0),
				promise.KeepsBounds(),
			},
		},
	}
}
