package remedy

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Limits of undetermined: it speaks late, so that a rule that needs more
// evidence has had its chance.
const (
	unclearFor     = 20 * time.Second // trouble without a diagnosis
	unclearCrashes = 3                // of one worker, to be called trouble
)

// undetermined: workers are given up, or die again and again, for longer than
// any rule needs, and none fits.
func undetermined(c casefile) (Finding, bool) {
	var ids []int
	since := c.now.At
	final := crash{}
	for _, w := range c.minded() {
		crashes := c.crashesOf(w.ID, c.ago(memory))
		if !w.GaveUp && (len(crashes) < unclearCrashes || c.recovered(w)) {
			continue
		}
		ids = append(ids, w.ID)
		since = min(since, c.unwellSince(w))
		if n := len(crashes); n > 0 && crashes[n-1].at > final.at {
			final = crashes[n-1]
		}
	}
	if len(ids) == 0 || c.now.At-since < unclearFor {
		return Finding{}, false
	}
	said := engine.Fact{Source: "bus", Text: "they said nothing that the engine heard"}
	if i := slices.IndexFunc(c.errors, func(e Event) bool { return e.Kind == KindLast }); i >= 0 && final.text == "" {
		final, said.Source = crash{id: c.errors[i].ID, text: c.errors[i].Text}, "log"
	}
	if final.text != "" {
		said.Text = fmt.Sprintf("worker %d's last words: %s", final.id, quote(final.text))
	}
	slices.Sort(ids)
	boot, human := c.explain(ids, final)
	return Finding{
		Cause: engine.Undetermined, Subject: "workers", IDs: ids, Dying: ids, Passes: nodeerr.LooksOutside(final.text), Confidence: 0.3,
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("workers %v have been down or dying for %s", ids, (c.now.At - since).Round(time.Second))},
			said,
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.DaemonDead, Fact: "PM2's daemon answers"},
			{Cause: engine.BootCrash, Fact: boot},
		},
		Human: human,
	}, true
}

// explain says why the workers' deaths are no boot crash, and what people can do.
func (c casefile) explain(ids []int, final crash) (boot, human string) {
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
func (c casefile) comeUp(ids []int) bool {
	for _, id := range ids {
		crashes := c.crashesOf(id, c.ago(memory))
		if len(crashes) == 0 || !crashes[len(crashes)-1].came {
			return false
		}
	}
	return len(ids) > 0
}

// unwellSince is when a worker's trouble began, as far as the history goes back.
func (c casefile) unwellSince(w Worker) time.Duration {
	since := c.now.At
	if crashes := c.crashesOf(w.ID, c.ago(memory)); len(crashes) > 0 {
		since = crashes[0].at
	}
	for i := len(c.history) - 1; i >= 0; i-- {
		was, ok := c.history[i].worker(w.ID)
		if !ok || !was.GaveUp {
			break
		}
		since = min(since, c.history[i].At)
	}
	return since
}
