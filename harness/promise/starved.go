package promise

import (
	"github.com/pm2drill/pm2drill/harness/evidence"
)

// findStarved returns the processes that the kernel killed for want of memory. Whenever its own
// count of them for the control group has risen, by n between two looks, these are the last n
// that SIGKILL has ended by then and that PM2 had not told to end.
func (q *inquest) findStarved() map[int]bool {
	starved := map[int]bool{}
	for i := 1; i < len(q.r.Snapshots); i++ {
		was, is := q.r.Snapshots[i-1], q.r.Snapshots[i]
		left := is.OOMKills - was.OOMKills
		for j := len(q.exits) - 1; j >= 0 && left > 0; j-- {
			x := q.exits[j]
			if x.At > was.At-claimSlack && x.At <= is.At+claimSlack && !starved[x.PID] && q.wasKilled(x) {
				starved[x.PID], left = true, left-1
			}
		}
	}
	return starved
}

// wasKilled reports whether SIGKILL ended a process that PM2 had not told to end.
func (q *inquest) wasKilled(x evidence.Exit) bool {
	_, ordered := q.log.findOrder(x.PID)
	return !ordered && q.findSignal(x) == "SIGKILL"
}
