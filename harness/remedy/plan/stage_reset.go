package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// resetCounters sets the restart counters of workers to zero that came back by
// themselves, and reports whether there are any. It revives nothing, it destroys
// evidence, and during a crash loop it makes PM2 begin to count anew, and give up
// at the end (pm2 reset sets created_at, and an exit counts only within min_uptime
// times max_restarts of that: God.js:474). So it comes last: nothing else is
// wrong, and what the counters were is in the reason. Its use: the next crash
// loop of this worker is stopped by PM2 as the app's file says, not sooner.
func (d *decider) resetCounters(in *Incident) bool {
	if len(d.s.Incidents) > 1 || len(d.findings) > 0 {
		return false
	}
	due := false
	for _, id := range in.IDs {
		w, ok := d.o.FindWorker(id)
		if !ok || !w.Alive || w.Unstable == 0 || d.hasRestarted(in, id) {
			continue
		}
		why := fmt.Sprintf("the incident is over, it came back by itself and has been up for %s; PM2 had counted %d restarts, %d of them as unstable (restart_time, unstable_restarts)",
			(d.o.At - w.Since).Round(time.Second), w.Restarts, w.Unstable)
		due = d.tryAction(in, engine.ActionReset, id, w.PID, why) || due
	}
	return due
}

// hasRestarted reports whether the engine has restarted a worker for an incident,
// which has set its counters to zero already.
func (d *decider) hasRestarted(in *Incident, id int) bool {
	return slices.ContainsFunc(d.s.Acted, func(a begun) bool {
		return a.ID == id && a.At >= in.Opened && (a.Action == engine.ActionRestart || a.Action == engine.ActionReplace)
	})
}

// reset waits for the counters to be set to zero, and ends the incident, unless
// it is back.
func (d *decider) reset(in *Incident) {
	switch {
	case d.isSeen(in):
		d.verify(in)
	case !d.s.isBusy(in):
		d.close(in)
	}
}
