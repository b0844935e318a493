package scenarios

import (
	"github.com/pm2drill/pm2drill/harness/fault"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/variant"
)

// CloseOnly is S13 of the catalogue: the SIGINT handler of most guides.
func CloseOnly() Scenario {
	return Scenario{
		Name: "close-only",
		Story: `A rolling restart is asked for. On SIGINT the app closes its server and exits when that is done, as most
guides have it. It hangs up on idle keep-alive connections without notice, and a client that is just
sending its next request gets a reset; a connection that PM2's daemon is just handing over hangs.
Few enough for nobody to believe that it was the deployment.
An engine can end the keep-alive connections by an answer that says Connection: close, and end the
worker when it is empty. In code: announce the close with each answer, linger, then exit.`,
		Labels:  []string{"cause:graceful-shutdown", "tier:extended"},
		App:     fourWorkers("closes-only"),
		Load:    busyClients(),
		Fault:   fault.RollingRestart{},
		Replace: true,
		Recover: rollWithin,
		Breaks:  "drops-nothing",
		Varies:  anyApp(variant.Workers(2, 6), variant.KillTimeouts()),
		Each:    rollWithin / usual,
		Promises: []promise.Promise{
			promise.Replaces(rollWithin),
			promise.DropsNothing(),
			promise.DiagnosesNothing(), // nothing shows from outside: an empty worker ends as it should
			promise.KeepsServingAllBut(1),
			promise.KeepsBounds(),
			promise.TellsTheTruth(),
		},
		Decoy: quietRoll(`The same request, and an app that announces the end of each connection and lingers: there is nothing
to save, and the engine's care must not cost anything either.`, "well-behaved"),
	}
}
