package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/cluster"
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// LostConnection is one worker whose database client is closed.
func LostConnection() Scenario {
	const cause = string(engine.LostConnection)
	app, patient := fourWorkers("closes-client"), fourWorkers("reconnects")
	app.Server, patient.Server = cluster.Redis, cluster.Redis
	return Scenario{
		Name: "lost-connection",
		Story: `A report closes the Redis client when it is done, and it is the one that all requests of its worker share.
From then on a quarter of all requests get 503, for ever: the server is well, three workers are well, the
fourth lives and its health URL answers 200. pm2 ls is all green. A client that has given up to connect
again after an outage looks the same.
An engine sees by the kernel that this one process has lost a connection that its siblings have, and that
it alone tells of errors. It takes the worker out of the rotation and replaces it: a new process connects
anew. In code: a client of its own for the report, and a health URL that asks the server.`,
		Labels:  []string{"cause:dependency", "tier:extended"},
		App:     app,
		Load:    steadyLoad(),
		Fault:   fault.LostClient{Path: "/report"},
		Recover: 60 * time.Second,
		Linger:  55 * time.Second,
		Breaks:  "recovers",
		Promises: []promise.Promise{
			promise.Recovers(50 * time.Second),
			promise.Diagnoses(cause),
			promise.Alerts(cause, 50*time.Second),
			promise.SparesRequests(),
			promise.StopsLosing(55 * time.Second),
			promise.KeepsServing(3),
			promise.KeepsBounds(),
			promise.ActsAtMost(2),
			promise.TellsTheTruth(),
		},
		Decoy: &Decoy{
			Story: `The server itself goes away for a while: every worker answers 503, and connects again when it is back. That
is the server's incident, and to replace workers would mend nothing.`,
			App:       patient,
			Fault:     fault.DependencyDown{},
			LiftAfter: 15 * time.Second,
			Watch:     20 * time.Second,
			Promises: []promise.Promise{
				promise.Recovers(10 * time.Second),
				promise.Diagnoses(string(engine.DependencyOutage)),
				promise.ActsAtMost(0),
				promise.KeepsBounds(),
			},
		},
	}
}
