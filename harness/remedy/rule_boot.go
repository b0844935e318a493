package remedy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Limits of bootCrash.
const (
	bootErrors = 3                // times the same error must kill
	bootSeen   = 2                // of them the engine must have seen that the process did not serve
	bootUptime = 15 * time.Second // a process that lived longer did not die at boot
	bootMargin = 3 * time.Second  // and one that outlives its predecessors twice by this much has come up
)

// bootCrash: processes die before they have come up, three times or more and each worker
// at least twice, always of the same error, and the error is neither about the port nor
// about anything outside the process. Starting them again cannot help. A worker that was
// seen to serve before it died has started well, and so has one whose later process came
// up: then a start does not always end the same way.
func bootCrash(c casefile) (Finding, bool) {
	if f, ok := gaveUpAtBoot(c); ok {
		return f, true
	}
	count := map[string][]crash{}
	for _, k := range c.crashes {
		if k.text != "" && k.atBoot() && !nodeerr.SaysPortInUse(k.text, c.port) {
			text := c.same(k.text)
			count[text] = append(count[text], k)
		}
	}
	var worst string
	for text, crashes := range count {
		if len(crashes) > len(count[worst]) || (len(crashes) == len(count[worst]) && text < worst) {
			worst = text
		}
	}
	crashes := count[worst]
	if len(crashes) < bootErrors {
		return Finding{}, false
	}
	ids := slices.DeleteFunc(c.dyingOf(func(text string) bool { return c.same(text) == worst }), func(id int) bool {
		w, _ := c.now.worker(id)
		return c.recovered(w)
	})
	final := crashes[len(crashes)-1]
	answers, blamed := blameless(c, final)
	if len(ids) == 0 || blamed || c.count(crashes, casefile.unserved) < bootSeen || c.somebodyServed(ids, crashes[0].at) || c.anyCameUp(ids, crashes[0].at) {
		return Finding{}, false
	}
	passes, dying, human := nodeerr.IsAboutFile(final.text), ids, cannotStart(final.text)
	if passes { // the file may be there at PM2's next start
		dying, human = nil, "a file is not there, or not readable: "+quote(final.text)+". PM2 goes on starting the workers, and they come up when it is"
	}
	return Finding{
		Cause: engine.BootCrash, Subject: worst, IDs: ids, Dying: dying, Lasts: nodeerr.IsLasting(final.text), Passes: passes, Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "bus", Text: fmt.Sprintf("%d deaths within %s of a start, all of the same error", len(crashes), bootUptime)},
			{Source: "bus", Text: fmt.Sprintf("worker %d: %s", final.id, quote(final.text))},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.DependencyOutage, Fact: answers},
			{Cause: engine.PortForeign, Fact: "the error is not about the port"},
		},
		Human: human,
	}, true
}

// gaveUpAtBoot: PM2 had given most workers up before the engine began, which takes many
// deaths soon after a start, and their logs end with the same error.
func gaveUpAtBoot(c casefile) (Finding, bool) {
	var said []Event
	var ids []int
	for _, e := range c.errors {
		w, ok := c.now.worker(e.ID)
		if !ok || !w.GaveUp || e.Kind != KindLast || nodeerr.SaysPortInUse(e.Text, c.port) || (nodeerr.LooksOutside(e.Text) && !nodeerr.IsAboutFile(e.Text)) {
			continue
		}
		if said, ids = append(said, e), append(ids, e.ID); nodeerr.Normalise(e.Text) != nodeerr.Normalise(said[0].Text) {
			return Finding{}, false
		}
	}
	if !c.most(len(ids)) {
		return Finding{}, false
	}
	slices.Sort(ids)
	return Finding{
		Cause: engine.BootCrash, Subject: nodeerr.Normalise(said[0].Text), IDs: ids, Dying: ids, Confidence: 0.8,
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("PM2 has given %d of %d workers up: each has died again and again soon after its start", len(ids), len(c.minded()))},
			{Source: "log", Text: fmt.Sprintf("worker %d, last: %s", said[0].ID, quote(said[0].Text))},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.DependencyOutage, Fact: "the error names no server that the app needs"},
			{Cause: engine.PortForeign, Fact: "the error is not about the port"},
		},
		Human: cannotStart(said[0].Text),
	}, true
}

func cannotStart(text string) string {
	return "the app cannot start: " + quote(text) + ". Mend the code or its environment, then restart it; restarting alone cannot help"
}

// recovered reports whether a worker has come up after its crashes: its process
// has outlived the ones that died.
func (c casefile) recovered(w Worker) bool {
	longest := time.Duration(0)
	for _, k := range c.crashesOf(w.ID, 0) {
		longest = max(longest, k.uptime)
	}
	return w.Alive && w.Status == "online" && c.now.At-w.Since > 2*longest+bootMargin
}

// blameless looks at the servers an error names. They are blamed, and the rule
// must keep silent, while one of them does not answer, did not a while ago, or
// was not tried before the latest death: an outage that has just ended leaves
// the same crashes behind. So is whatever an error means that looks outside and names
// no server. Otherwise the fact says why they are not the cause.
func blameless(c casefile, final crash) (fact string, blamed bool) {
	named := slices.DeleteFunc(slices.Clone(c.needs(final.text)), func(a string) bool { return ownPort(a, c.port) })
	if len(named) == 0 {
		return "the error names no server that the app needs", nodeerr.LooksOutside(final.text) && !nodeerr.IsAboutFile(final.text)
	}
	for _, a := range named {
		probes := c.probes(a, c.ago(memory))
		if len(probes) == 0 || probes[0].at >= final.at || slices.ContainsFunc(probes, func(p tried) bool { return !p.OK }) {
			return "", true
		}
	}
	return strings.Join(named, ", ") + " answered a connection each time it was tried", false
}
