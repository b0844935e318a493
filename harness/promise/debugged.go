package promise

import (
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// debugged reports whether somebody had attached a debugger to the process, as Node tells on its
// stderr, and it ended without any word of its own.
func (q *inquest) debugged(x evidence.Exit) bool {
	from, ok := findEngineStart(q.r)
	return ok && !q.hasFatalError(x.ID, x.At) && slices.ContainsFunc(q.r.Events, func(e evidence.Event) bool {
		return e.ID == x.ID && e.At >= max(from, q.born(x)) && e.At <= x.At+claimSlack && e.Topic == "log:err" &&
			e.Name == q.r.Header.App && strings.Contains(e.Text, "Debugger attached.")
	})
}

// born is when a process was seen first, 0 if it never was.
func (q *inquest) born(x evidence.Exit) time.Duration { return findFirstSights(q.r)[x.PID] }
