package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of undetermined: it speaks late, so that a rule that needs more
// evidence has had its chance.
const (
	unclearFor     = 20 * time.Second // trouble without a diagnosis
	unclearCrashes = 3                // of one worker, to be called trouble
)

// diagnoseUndetermined returns a diagnosis where workers are given up, or die again and again, for longer than
// any rule needs, and none fits.
func diagnoseUndetermined(c Facts) (Diagnosis, bool) {
	var ids []int
	since := c.Now.At
	final := crash{}
	for _, w := range c.ListDesired() {
		crashes := c.listCrashes(w.ID, c.ago(memory))
		if !w.GaveUp && (len(crashes) < unclearCrashes || c.recovered(w)) {
			continue
		}
		ids = append(ids, w.ID)
		since = min(since, c.unwellSince(w))
		if n := len(crashes); n > 0 && crashes[n-1].at > final.at {
			final = crashes[n-1]
		}
	}
	if len(ids) == 0 || c.Now.At-since < unclearFor {
		return Diagnosis{}, false
	}
	said := engine.Fact{Source: "bus", Text: "they said nothing that the engine heard"}
	if i := slices.IndexFunc(c.errors, func(e observe.Event) bool { return e.Kind == observe.KindLast }); i >= 0 && final.text == "" {
		final, said.Source = crash{id: c.errors[i].ID, text: c.errors[i].Text}, "log"
	}
	if final.text != "" {
		said.Text = fmt.Sprintf("worker %d's last words: %s", final.id, nodeerr.FindHeadline(final.text))
	}
	slices.Sort(ids)
	boot, human := c.explainDeaths(ids, final)
	return Diagnosis{
		Cause: engine.Undetermined, Subject: "workers", IDs: ids, Dying: ids, Passes: nodeerr.LooksOutside(final.text), Confidence: 0.3,
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("workers %v have been down or dying for %s", ids, (c.Now.At - since).Round(time.Second))},
			said,
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.DaemonDead, Fact: "PM2's daemon answers"},
			{Cause: engine.BootCrash, Fact: boot},
		},
		Human: human,
	}, true
}

// explainDeaths says why the workers' deaths are no boot crash, and what people can do.
func (c Facts) explainDeaths(ids []int, final crash) (boot, human string) {
	switch {
	case c.comeUp(ids):
		return "the workers come up, serve, and die later: they were seen to serve, or to live for longer than a start",
			"something kills workers that serve, such as a request that the code cannot handle; PM2 starts them again. Find it in the access log at the times of the deaths"
	case nodeerr.LooksOutside(final.text):
		return "the error looks like something outside the process, which may be over at the next start",
			"the workers die of something that looks outside of them, and no server that their sockets or settings name fails to answer: see to what the error names. PM2 goes on starting them; what it has given up the engine tries again"
	}
	return fmt.Sprintf("not %d deaths of one and the same error", bootErrors), "no rule explains why the workers die: read the app's error log and pm2.log"
}

// comeUp reports whether all of these workers came up before they died last.
func (c Facts) comeUp(ids []int) bool {
	for _, id := range ids {
		crashes := c.listCrashes(id, c.ago(memory))
		if len(crashes) == 0 || !crashes[len(crashes)-1].came {
			return false
		}
	}
	return len(ids) > 0
}
