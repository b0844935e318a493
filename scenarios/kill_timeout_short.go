package scenarios

import (
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// KillTimeoutShort is S12 of the catalogue: PM2 kills workers that drain.
func KillTimeoutShort() Scenario {
	s := rollingRestart("killed-early", engine.KillTimeoutShort)
	s.Name = "kill-timeout-short"
	s.Labels = []string{"cause:graceful-shutdown", "tier:extended"}
	s.Story = `A rolling restart is asked for. The app does everything right on SIGINT: it stops accepting and
finishes what it has. But its requests take two seconds and kill_timeout is one (1.6 s unless
configured), so PM2 sends SIGKILL in the middle, and logs "still alive after 1000ms, sending
SIGKILL". Users see a few resets with every deployment; pm2 reload answers with green ticks.
An engine empties each worker before PM2 is told to end it, so no timeout matters. It says how long that
took against what is configured, gives PM2 what would do, for the next pm2 reload of an operator, and
reports the drift. In the ecosystem file: kill_timeout above the longest request.`
	s.Promises = append(s.Promises, promise.Reconfigures(engine.KeyKillTimeout, 2*time.Second))
	s.Decoy = quietRoll(`The same request, and an app that ends in the same SIGKILL under pm2 reload, for another reason: it
catches SIGINT and never ends. A longer kill_timeout would only make each deployment longer.`, "ignores-sigint")
	s.Decoy.Promises[2] = promise.Diagnoses(string(engine.SigintIgnored))
	return s
}
