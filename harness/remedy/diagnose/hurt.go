package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of the symptoms of single workers.
const (
	loopDeaths = 5 // of one worker that nobody asked for, within memory
	silentFor  = 2 // times the stall deadline without a heartbeat
)

// findPartial finds workers that are not up while others are.
func findPartial(c Facts) (Diagnosis, bool) {
	wanted := c.ListDesired()
	since := c.Now.At
	var ids []int
	for _, w := range wanted {
		if at := c.findNotUpSince(w); at >= 0 {
			ids, since = append(ids, w.ID), min(since, at)
		}
	}
	if len(ids) == 0 || len(ids) == len(wanted) {
		return Diagnosis{}, false
	}
	return c.buildSymptom(engine.PartialService, Partial, since, ids, engine.Fact{Source: "rpc", Text: fmt.Sprintf(
		"%d of %d workers have not been up for %s", len(ids), len(wanted), (c.Now.At - since).Round(time.Second))}), true
}

// findLoop finds workers that PM2 starts again and again, though they may serve in between: they die, or a file that PM2 watches changes.
func findLoop(c Facts) (Diagnosis, bool) {
	since := c.Now.At
	var ids []int
	var seen []engine.Fact
	for _, w := range c.ListDesired() {
		crashes := c.listCrashes(w.ID, c.subtractFromNow(memory))
		if len(crashes) < loopDeaths || c.hasRecovered(w) {
			continue
		}
		ids, since = append(ids, w.ID), min(since, crashes[0].at)
		seen = append(seen, engine.Fact{Source: "bus", Text: fmt.Sprintf("worker %d has ended %d times in %s, and nobody asked for it",
			w.ID, len(crashes), (c.Now.At - crashes[0].at).Round(time.Second))})
	}
	if at, fact, ok := c.findWatchLoop(); ok {
		ids, since, seen = listIDs(c.ListDesired()), min(since, at), append(seen, fact)
	}
	if len(ids) == 0 {
		return Diagnosis{}, false
	}
	return c.buildSymptom(engine.RestartLoop, Partial, since, ids, seen...), true
}

// findSilent finds workers of which no heartbeat has come for long, whenever the engine came,
// while those of others do: with pmx: false none sends any.
func findSilent(c Facts) (Diagnosis, bool) {
	since := c.Now.At
	var ids []int
	var seen []engine.Fact
	for _, w := range c.ListDesired() {
		quiet := c.Now.At - max(w.Beat, w.Since, c.findLastServed(w))
		if !w.Alive || w.Status != "online" || w.Dump != "" || quiet <= silentFor*c.stall { // somebody wants a snapshot of its heap
			continue
		}
		sibling, beats := c.findSiblingBeat(w.ID)
		if !beats || (w.Beats == 0 && !slices.ContainsFunc(c.Now.Workers, func(o observe.Worker) bool { return o.ID != w.ID && o.Beats >= observe.MinBeats })) {
			continue
		}
		ids, since = append(ids, w.ID), min(since, c.Now.At-quiet)
		share, _ := c.measureCPU(w, quiet)
		seen = append(seen, engine.Fact{Source: "rpc", Text: fmt.Sprintf("no heartbeat of worker %d (pid %d) for %s; it uses %.0f %% of a core, state %s; %s",
			w.ID, w.PID, quiet.Round(time.Second), 100*share, w.State, sibling)})
	}
	if len(ids) == 0 {
		return Diagnosis{}, false
	}
	f := c.buildSymptom(engine.SilentWorker, Degraded, since, ids, seen...)
	f.Human = "see what its event loop is busy with, or waits for: it answers nothing meanwhile"
	return f, true
}
