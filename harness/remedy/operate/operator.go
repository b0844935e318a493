// Package operate does what people ask the engine for: a rolling restart, taken back where its
// first worker does not come to serve, and another number of workers.
package operate

import (
	"sync"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/act"
	"github.com/pm2drill/pm2drill/harness/remedy/alert"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
	"github.com/pm2drill/pm2drill/harness/remedy/plan"
)

// Operator does what people ask the engine for: a rolling restart, or another number of
// workers. What it does it says.
type Operator struct {
	Executor act.Executor
	Desk     *alert.Desk
	Watcher  *observe.Watcher
	Limits   plan.Limits
	DryRun   bool              // nothing is done
	Surge    bool              // a roll adds a spare worker first
	Say      func(engine.Line) // prints a line
	// Begin says and files that an action begins. What it returns does the same for its end,
	// with what there is to say of it.
	Begin   func(plan.Decision) (end func(told string, err error))
	Running *sync.WaitGroup // actions under way, which the engine's end waits for
}
