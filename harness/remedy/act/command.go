package act

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Describe says how a decision is carried out: which methods of PM2's RPC are called, and who
// is signalled. Of an environment it has the names alone.
func Describe(d plan.Decision) string {
	switch d.Action {
	case engine.ActionStop:
		return fmt.Sprintf("PM2: stopProcessId %d", d.ID)
	case engine.ActionRestart:
		return fmt.Sprintf("PM2: stopProcessId %d, restartProcessId %d", d.ID, d.ID)
	case engine.ActionKill:
		return fmt.Sprintf("SIGKILL to pid %d", d.PID)
	case engine.ActionReset:
		return fmt.Sprintf("PM2: resetMetaProcessId %d", d.ID)
	case engine.ActionReplace:
		with := ""
		if len(d.Env) > 0 {
			with = " with " + strings.Join(slices.Sorted(maps.Keys(d.Env)), ", ")
		}
		return fmt.Sprintf("drain pid %d, then PM2: restartProcessId %d%s", d.PID, d.ID, with)
	case engine.ActionRelease:
		return fmt.Sprintf("close the app's port in PM2's daemon (pid %d) by its inspector", d.PID)
	}
	return d.Action
}
