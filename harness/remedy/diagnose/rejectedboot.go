package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of rejectedBoot.
const (
	bootedBy  = 2 * time.Second  // a process that has not listened this long after its start is late
	deafFor   = 2 * time.Second  // nobody must have listened for so long
	burst     = time.Second      // what is said within this is said once: log line and exception are two events
	startSeen = 2 * time.Second  // a process may have started this much before it was first seen
	slowStart = 30 * time.Second // a start that only grumbled may take so long
)

// diagnoseRejectedBoot returns a diagnosis where the workers live, nobody listens, and each has said once, at its
// start, what went wrong. PM2 catches a rejection that the app does not
// (ProcessContainer.js, unhandledRejection) and logs it, so the process lives on
// without ever getting to listen. One that says it again and again retries, and
// will listen by itself.
//
// Words with "Error" in them prove nothing: a slow start may grumble. It is given
// time unless PM2 says that it caught a rejection, or the words name a server
// that the engine cannot reach either.
func diagnoseRejectedBoot(c Facts) (Diagnosis, bool) {
	if c.findNotListeningSince() < 0 || c.Now.At-c.findNotListeningSince() < deafFor {
		return Diagnosis{}, false
	}
	groups := map[string][]observe.Event{}
	for _, w := range c.ListDesired() {
		if !w.Alive || w.Status != "online" || c.Now.At-w.Since < bootedBy {
			return Diagnosis{}, false
		}
		if e, ok := c.findOnlyError(w); ok {
			about := c.findAbout(e.Text)
			groups[about] = append(groups[about], e)
		}
	}
	for about, said := range groups {
		if 2*len(said) > len(c.ListDesired()) && (c.isProven(about, said) && !c.hasKilled(about) || c.hasOutlastedStart(said)) {
			return buildRejected(c, about, said), true
		}
	}
	return Diagnosis{}, false
}

// findAbout returns what an error is about: the server that it names or may mean, or else itself.
func (c Facts) findAbout(text string) string {
	if servers := c.findServers(text); len(servers) > 0 {
		return servers[0]
	}
	if away := c.findAway(); away != "" && c.isVague(text) {
		return away
	}
	return c.words.Normalise(text)
}

// hasKilled reports whether a process has died lately, before it came up, of an error that is about
// the same: then those that live have said it and are about to end, as one does that first
// sends its log somewhere (Sentry.close).
func (c Facts) hasKilled(about string) bool {
	return slices.ContainsFunc(c.crashes, func(k crash) bool { return k.text != "" && !k.came && c.findAbout(k.text) == about })
}

// isProven reports whether what the workers said leaves no doubt that their start
// is over.
func (c Facts) isProven(about string, said []observe.Event) bool {
	if failed, _ := findUnanswered(c, about); failed != nil {
		return true
	}
	for _, e := range said {
		if !slices.ContainsFunc(c.errors, func(x observe.Event) bool {
			return x.ID == e.ID && e.At-x.At <= burst && strings.Contains(x.Text, nodeerr.Caught)
		}) {
			return false
		}
	}
	return true
}

// hasOutlastedStart reports whether nobody has listened since those words for longer than
// any start takes.
func (c Facts) hasOutlastedStart(said []observe.Event) bool {
	for _, e := range said {
		if c.Now.At-max(e.At, c.findNotListeningSince()) < slowStart {
			return false
		}
	}
	return true
}

func buildRejected(c Facts, about string, said []observe.Event) Diagnosis {
	f := Diagnosis{
		Cause: engine.RejectedBoot, Subject: about, Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "ss", Text: fmt.Sprintf("nobody has listened on port %d for %s", c.port, (c.Now.At - c.findNotListeningSince()).Round(time.Second))},
			{Source: "rpc", Text: describeOnline(len(c.ListDesired()))},
			{Source: "bus", Text: fmt.Sprintf("%d of them, each once at its start: %s", len(said), c.words.FindHeadline(said[0].Text))},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: "no worker has died of it"},
			{Cause: engine.DependencyOutage, Fact: "the workers do not try again, so they stay as they are when the server is back"},
		},
		Human: "catch what the app's start rejects with and exit, so that PM2 starts it again: " + c.words.FindHeadline(said[0].Text),
	}
	// Nobody listens, so those that nothing was heard of are no better off; but one
	// that tries again will listen by itself.
	for _, w := range c.ListDesired() {
		if words := c.listErrors(w); len(words) == 0 || !hasRetried(words) {
			f.IDs = append(f.IDs, w.ID)
		}
	}
	if len(c.listProbes(about, c.subtractFromNow(memory))) == 0 {
		return f // nothing to wait for that the engine could see
	}
	for _, id := range f.IDs {
		w, _ := c.Now.FindWorker(id)
		f.PIDs = append(f.PIDs, w.PID)
	}
	return f
}

// describeOnline says that n workers are online nevertheless.
func describeOnline(n int) string {
	if n == 1 {
		return "1 worker is online all the same"
	}
	return fmt.Sprintf("%d workers are online all the same", n)
}
