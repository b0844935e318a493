package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// OutageWhileServing is S07 of the catalogue: the database goes away under an app
// that lives through it.
func OutageWhileServing() Scenario {
	const cause = string(engine.DependencyOutage)
	app := fourWorkers("keeps-postgres")
	app.Server = cluster.Postgres
	return Scenario{
		Name: "outage-while-serving",
		Story: `The app's PostgreSQL server goes away for a while. The app does right: every worker answers 503 and
tries its pool anew for each request. pm2 ls is all green, nobody restarts, the logs fill with
ECONNREFUSED, and users get errors.
Restarting these workers would bring nothing and cost the requests that need no database. An engine
must do nothing to them, and tell people at once which server is away and that the app will be well by
itself. In code: nothing; in front of it, an alert on the database.`,
		Labels:    []string{"cause:dies-at-boot", "tier:extended"},
		App:       app,
		Load:      steadyLoad(),
		Fault:     fault.DependencyDown{},
		LiftAfter: 20 * time.Second,
		Recover:   20 * time.Second,
		Breaks:    "alerts",
		Promises: []promise.Promise{
			promise.Alerts(cause, 10*time.Second),
			promise.Diagnoses(cause),
			promise.Recovers(10 * time.Second),
			promise.StopsLosing(10 * time.Second),
			promise.SparesRequests(),
			promise.ActsAtMost(0),
			promise.KeepsBounds(),
		},
		Varies: append(oneOrMany(16), anyApp(variant.KillTimeouts(), variant.Words())...),
		Decoy: &Decoy{
			Story: `A few requests ask for a table that does not exist. The log has errors of the database client, with a
stack, and the database is well: it answers, and so does every worker. It is a bug in a query.`,
			App:   app,
			Fault: fault.PoisonRequests{Paths: []string{"/report?of=carts", "/report?of=carts", "/report?of=carts"}, Says: "does not exist"},
			Watch: 15 * time.Second,
			Promises: []promise.Promise{
				promise.DiagnosesNothing(),
				promise.ActsAtMost(0),
				promise.DropsNothing(),
				promise.KeepsBounds(),
			},
		},
	}
}
