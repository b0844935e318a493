package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// RejectedBoot is S06 of the catalogue: workers start without their database,
// do not die of it, and never listen.
func RejectedBoot() Scenario {
	const cause = string(engine.RejectedBoot)
	app := fourWorkers("rejects-at-boot")
	app.Server = cluster.Postgres
	return Scenario{
		Name: "rejected-boot",
		Story: `The app is restarted while its PostgreSQL server is away. Its main function is async and nobody catches
what it rejects with, so PM2 does, and logs it: the process lives on and never gets as far as
listen. pm2 ls shows four workers online with a growing uptime, every connection is refused, and
when the server is back nothing changes.
An engine sees that nobody listens although the workers live, and what they said at their start. It
must not restart them into the outage; when the server answers it restarts one, and then the rest.
In code: main().catch(err => { console.error(err); process.exit(1) }).`,
		Labels:    []string{"cause:dies-at-boot", "tier:extended"},
		App:       app,
		Load:      steadyLoad(),
		Fault:     fault.DependencyDown{Restart: true},
		LiftAfter: 25 * time.Second,
		Recover:   20 * time.Second,
		Breaks:    "recovers",
		Promises: []promise.Promise{
			promise.Recovers(10 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 20*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(10 * time.Second),
			promise.KeepsBounds(),
			promise.ActsAtMostEach(2),
			promise.TellsTheTruth(),
		},
		Varies: anyApp(variant.Workers(2, 16), variant.KillTimeouts(), variant.Restarts(), variant.Words()).Without("wait_ready"), // in fork mode PM2 catches nothing: the process dies
		Decoy: &Decoy{
			Story: `A release that warms up for eight seconds before it listens is started by pm2 restart. For a while it
looks the same: four workers online, nobody listens, and each has said once, at its start, something
with "Error" in it. But PM2 has caught nothing, and no server is named. It comes up by itself.`,
			App:   fourWorkers("warms-up"),
			Fault: fault.SlowRelease{Flag: "next"},
			Watch: 30 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.Recovers(30 * time.Second),
				promise.KeepsBounds(),
			},
		},
	}
}
