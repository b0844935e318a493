package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of bootCrash.
const (
	bootErrors = 3                // times the same error must kill
	bootSeen   = 2                // of them the engine must have seen that the process did not serve
	bootUptime = 15 * time.Second // a process that lived longer did not die at boot
	bootMargin = 3 * time.Second  // and one that outlives its predecessors twice by this much has come up
)

// diagnoseBootCrash returns a diagnosis where processes die before they have come up, three times or more and each worker
// at least twice, always of the same error, and the error is known to be a fault of the app's
// own. Starting them again cannot help. What the engine does not understand is not known to be
// one, and neither is data or a file that may be there at the next start. A worker that was
// seen to serve before it died has started well, and so has one whose later process came
// up: then a start does not always end the same way.
func diagnoseBootCrash(c Facts) (Diagnosis, bool) {
	if f, ok := diagnoseGivenUpAtBoot(c); ok {
		return f, true
	}
	count := map[string][]crash{}
	for _, k := range c.crashes {
		if k.text != "" && k.isAtBoot() && !c.words.SaysPortInUse(k.text, c.port) {
			text := c.normalise(k.text)
			count[text] = append(count[text], k)
		}
	}
	var worst string
	for text, crashes := range count {
		if final := crashes[len(crashes)-1]; len(c.listDying(func(said string) bool { return said == final.text || c.normalise(said) == text })) == 0 {
			continue // whoever died of it has died of something else since
		}
		if len(crashes) > len(count[worst]) || (len(crashes) == len(count[worst]) && text < worst) {
			worst = text
		}
	}
	crashes := count[worst]
	if len(crashes) < bootErrors {
		return Diagnosis{}, false
	}
	ids := slices.DeleteFunc(c.listDying(func(text string) bool { return c.normalise(text) == worst }), func(id int) bool {
		w, _ := c.Now.FindWorker(id)
		return c.hasRecovered(w)
	})
	final := crashes[len(crashes)-1]
	if len(ids) == 0 || !c.words.IsOwn(final.text) || c.countDeaths(crashes, Facts.hasNeverServed) < bootSeen || c.hasSomebodyServed(ids, crashes[0].at) || c.hasAnyComeUp(ids, crashes[0].at) {
		return Diagnosis{}, false
	}
	return Diagnosis{
		Cause: engine.BootCrash, Subject: worst, IDs: ids, Dying: ids, Lasts: c.words.IsLasting(final.text), Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "bus", Text: fmt.Sprintf("%s within %s of a start, all of the same error", formatCount(len(crashes), "death"), bootUptime)},
			{Source: c.findSource(final.text), Text: fmt.Sprintf("worker %d: %s", final.id, c.words.FindHeadline(final.text))},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.DependencyOutage, Fact: "the error names no server that the app needs"},
			{Cause: engine.PortForeign, Fact: "the error is not about the port"},
		},
		Human: adviseOnStart(final.text),
	}, true
}

// diagnoseGivenUpAtBoot returns a diagnosis where PM2 had given most workers up before the engine began, which takes many
// deaths soon after a start, and their logs end with the same error.
func diagnoseGivenUpAtBoot(c Facts) (Diagnosis, bool) {
	said, ids := c.listGivenUp(func(text string) bool { return !c.words.SaysPortInUse(text, c.port) && c.words.IsOwn(text) })
	if !c.isMost(len(ids)) || slices.ContainsFunc(said, func(e observe.Event) bool { return c.words.Normalise(e.Text) != c.words.Normalise(said[0].Text) }) {
		return Diagnosis{}, false
	}
	return Diagnosis{
		Cause: engine.BootCrash, Subject: c.words.Normalise(said[0].Text), IDs: ids, Dying: ids, Confidence: 0.8,
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("PM2 has given %d of %d workers up: each has died again and again soon after its start", len(ids), len(c.ListDesired()))},
			{Source: "log", Text: fmt.Sprintf("worker %d, last: %s", said[0].ID, c.words.FindHeadline(said[0].Text))},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.DependencyOutage, Fact: "the error names no server that the app needs"},
			{Cause: engine.PortForeign, Fact: "the error is not about the port"},
		},
		Human: adviseOnStart(said[0].Text),
	}, true
}

func adviseOnStart(text string) string {
	return "the app cannot start: " + nodeerr.FindHeadline(text) + ". Mend the code or its environment, then restart it; restarting alone cannot help"
}
