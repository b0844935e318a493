package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Limits of diagnoseLostConnection.
const (
	lostFor    = 12 * time.Second // clients connect again within; sockets are looked at every ten seconds, or every second
	lostErrors = 3                // errors that the worker tells of
	lostSaid   = 15 * time.Second // within
)

// diagnoseLostConnection returns a diagnosis for each worker whose process was connected to a
// server and is not any more, and tells of error after error, while its siblings are connected to
// that server and tell of none: it keeps a client that is closed, or that has given up. The first
// witness is the kernel; what the errors say does not count, only who tells of them.
func diagnoseLostConnection(c Facts) []Diagnosis {
	wanted := c.ListDesired()
	since := c.subtractFromNow(lostSaid)
	said := c.listComplaints(since, func(string) bool { return true })
	var out []Diagnosis
	for _, w := range wanted {
		for _, lost := range w.Lost {
			others := countHolding(wanted, lost.Address)
			ill := c.Now.DeriveState(w, c.stall) != observe.DerivedServing || len(said[w.ID]) < lostErrors || said[w.ID][0].At < lost.Since-lostFor
			if ill || c.Now.At-lost.Since < lostFor || others != len(wanted)-1 || others == 0 || len(said) != 1 {
				continue
			}
			final := said[w.ID][len(said[w.ID])-1]
			out = append(out, Diagnosis{
				Cause: engine.LostConnection, Subject: fmt.Sprintf("worker %d", w.ID), IDs: []int{w.ID}, PIDs: []int{w.PID}, Confidence: 0.85,
				Evidence: []engine.Fact{
					{Source: "sockets", Text: fmt.Sprintf("pid %d was connected to %s, and has not been for %s; %d of %d siblings are", w.PID, lost.Address, (c.Now.At - lost.Since).Round(time.Second), others, others)},
					{Source: final.Source(), Text: fmt.Sprintf("worker %d alone has told of %d errors within %s, the last: %s", w.ID, len(said[w.ID]), lostSaid, c.words.FindHeadline(final.Text))},
				},
				RuledOut: []engine.Ruled{
					{Cause: engine.DependencyOutage, Fact: fmt.Sprintf("%s has the siblings' connections", lost.Address)},
					{Cause: engine.StalledEventLoop, Fact: "its event loop turns"},
				},
				Human: "find out why the worker's client does not connect again: it was closed, or it has given up (look for quit, end, and limits of retries). A health URL that asks the server would show it",
			})
			break
		}
	}
	return out
}

// countHolding counts the workers that are connected to a server and serve.
func countHolding(workers []observe.Worker, address string) (n int) {
	for _, w := range workers {
		if w.Alive && slices.Contains(w.Holds, address) {
			n++
		}
	}
	return n
}
