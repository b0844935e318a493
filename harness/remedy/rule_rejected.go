package remedy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// Limits of rejectedBoot.
const (
	bootedBy  = 2 * time.Second  // a process that has not listened this long after its start is late
	deafFor   = 2 * time.Second  // nobody must have listened for so long
	burst     = time.Second      // what is said within this is said once: log line and exception are two events
	startSeen = 2 * time.Second  // a process may have started this much before it was first seen
	slowStart = 30 * time.Second // a start that only grumbled may take so long
)

// rejectedBoot: the workers live, nobody listens, and each has said once, at its
// start, what went wrong. PM2 catches a rejection that the app does not
// (ProcessContainer.js, unhandledRejection) and logs it, so the process lives on
// without ever getting to listen. One that says it again and again retries, and
// will listen by itself.
//
// Words with "Error" in them prove nothing: a slow start may grumble. It is given
// time unless PM2 says that it caught a rejection, or the words name a server
// that the engine cannot reach either.
func rejectedBoot(c casefile) (Finding, bool) {
	if c.deafSince() < 0 || c.now.At-c.deafSince() < deafFor {
		return Finding{}, false
	}
	groups := map[string][]Event{}
	for _, w := range c.minded() {
		if !w.Alive || w.Status != "online" || c.now.At-w.Since < bootedBy {
			return Finding{}, false
		}
		if e, ok := c.saidOnce(w); ok {
			about := nodeerr.Normalise(e.Text)
			if servers := c.needs(e.Text); len(servers) > 0 {
				about = servers[0]
			} else if away := c.away(); away != "" && c.vague(e.Text) {
				about = away
			}
			groups[about] = append(groups[about], e)
		}
	}
	for about, said := range groups {
		if 2*len(said) > len(c.minded()) && (c.proven(about, said) || c.outlasts(said)) {
			return rejectedFinding(c, about, said), true
		}
	}
	return Finding{}, false
}

// proven reports whether what the workers said leaves no doubt that their start
// is over.
func (c casefile) proven(about string, said []Event) bool {
	if failed, _ := unanswered(c, about); failed != nil {
		return true
	}
	for _, e := range said {
		if !slices.ContainsFunc(c.errors, func(x Event) bool {
			return x.ID == e.ID && e.At-x.At <= burst && strings.Contains(x.Text, nodeerr.Caught)
		}) {
			return false
		}
	}
	return true
}

// outlasts reports whether nobody has listened since those words for longer than
// any start takes.
func (c casefile) outlasts(said []Event) bool {
	for _, e := range said {
		if c.now.At-max(e.At, c.deafSince()) < slowStart {
			return false
		}
	}
	return true
}

// deafSince is when the port was first seen without any listener, -1 when
// somebody listens or nobody has looked lately.
func (c casefile) deafSince() time.Duration {
	since := time.Duration(-1)
	looks := c.looks(c.ago(memory))
	if len(looks) == 0 || c.now.At-looks[len(looks)-1].At > fresh {
		return since
	}
	for _, o := range slices.Backward(looks) {
		if len(o.Port.Listeners) > 0 {
			break
		}
		since = o.At
	}
	return since
}

// saidOnce returns the error that a worker's process uttered once since its start.
func (c casefile) saidOnce(w Worker) (Event, bool) {
	words := c.saidSince(w)
	if len(words) == 0 || retried(words) {
		return Event{}, false
	}
	return words[len(words)-1], true
}

// saidSince lists the errors that a worker's process has uttered since its start: by
// PM2's word (pm_uptime), or earlier if it was seen before. On a busy host it is
// seen late.
func (c casefile) saidSince(w Worker) []Event {
	since := w.Since - startSeen
	if w.Uptime > 0 {
		since = min(since, c.now.At-w.Uptime)
	}
	var words []Event
	for _, e := range c.errors {
		if e.ID == w.ID && e.At >= since && nodeerr.NamesError(e.Text) {
			words = append(words, e)
		}
	}
	return words
}

// retried reports whether an error has come again after the first burst of it.
func retried(words []Event) bool { return words[len(words)-1].At-words[0].At > burst }

func rejectedFinding(c casefile, about string, said []Event) Finding {
	f := Finding{
		Cause: engine.RejectedBoot, Subject: about, Confidence: 0.9,
		Evidence: []engine.Fact{
			{Source: "ss", Text: fmt.Sprintf("nobody has listened on port %d for %s", c.port, (c.now.At - c.deafSince()).Round(time.Second))},
			{Source: "rpc", Text: fmt.Sprintf("%d workers are online all the same", len(c.minded()))},
			{Source: "bus", Text: fmt.Sprintf("%d of them, each once at its start: %s", len(said), quote(said[0].Text))},
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.BootCrash, Fact: "no worker has died of it"},
			{Cause: engine.DependencyOutage, Fact: "the workers do not try again, so they stay as they are when the server is back"},
		},
		Human: "catch what the app's start rejects with and exit, so that PM2 starts it again: " + quote(said[0].Text),
	}
	// Nobody listens, so those that nothing was heard of are no better off; but one
	// that tries again will listen by itself.
	for _, w := range c.minded() {
		if words := c.saidSince(w); len(words) == 0 || !retried(words) {
			f.IDs = append(f.IDs, w.ID)
		}
	}
	if len(c.probes(about, c.ago(memory))) == 0 {
		return f // nothing to wait for that the engine could see
	}
	for _, id := range f.IDs {
		w, _ := c.now.worker(id)
		f.PIDs = append(f.PIDs, w.PID)
	}
	return f
}
