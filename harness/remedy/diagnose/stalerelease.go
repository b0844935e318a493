package diagnose

import (
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// staleFor is how long the youngest worker must have run: whoever deploys may be about to start
// the app from its new folder.
const staleFor = 8 * time.Second

// diagnoseStaleRelease returns a diagnosis where the link by which the app is deployed leads to
// another folder, and all workers were started after that from the old one: PM2 keeps the path
// that the app was first started with, and pm2 reload and pm2 restart run the old code again.
// While a worker is left that ran before, the deployment may not be over.
func diagnoseStaleRelease(c Facts) (Diagnosis, bool) {
	moved, wanted := c.Now.Moved, c.ListDesired()
	if moved == nil || len(wanted) == 0 {
		return Diagnosis{}, false
	}
	var youngest time.Duration
	for _, w := range wanted {
		if !w.Alive || w.Since <= moved.At || w.Uptime > 0 && c.Now.At-w.Uptime <= moved.At {
			return Diagnosis{}, false
		}
		youngest = max(youngest, w.Since)
	}
	if c.Now.At-youngest < staleFor {
		return Diagnosis{}, false
	}
	return Diagnosis{
		Cause: engine.StaleRelease, Subject: moved.Link, IDs: listIDs(wanted), Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "proc", Text: fmt.Sprintf("%s led to %s, and leads to %s since %s ago", moved.Link, moved.Folder, moved.Leads, (c.Now.At - moved.At).Round(time.Second))},
			{Source: "rpc", Text: fmt.Sprintf("%d of %d workers were started after that, and PM2's path of their script is below %s", len(wanted), len(wanted), moved.Folder)},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: "the workers live"},
		},
		Human: fmt.Sprintf("the workers run the old release, %s: PM2 keeps the path that the app was started with. Run pm2 delete, then pm2 start in %s; to deploy by the link from then on, give PM2 a script and a cwd whose paths go through it", moved.Folder, moved.Leads),
	}, true
}
