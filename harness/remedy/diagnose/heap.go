package diagnose

import (
	"fmt"
	"regexp"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Spans of heapExhausted.
const (
	abortFor = 10 * time.Second // from V8's text to the end of the process: it may write a report or a core
	endKnown = 2 * time.Second  // after a death PM2's log has said how it was, if it ever does
)

// lastCollection matches V8's line on a collection: the heap before it and after it, MB.
var lastCollection = regexp.MustCompile(`(?:Mark-Compact|Mark-sweep)[^\n]*?-> ([\d.]+) \([\d.]+\) MB`)

// diagnoseHeap returns a diagnosis where V8 has ended a process because its heap was full: the
// process said so and died of SIGABRT. One such death is enough: V8's text has one meaning. A worker that
// logs the text, a child's of its own for instance, and dies of something else is not meant.
func diagnoseHeap(c Facts) (Diagnosis, bool) {
	dead, ids := c.selectCrashes(func(k crash) bool { return c.findHeapText(k).Text != "" })
	if len(dead) == 0 {
		return Diagnosis{}, false
	}
	final := dead[len(dead)-1]
	said := c.findHeapText(final)
	f := Diagnosis{
		Cause: engine.HeapExhausted, Subject: "heap", IDs: ids, Confidence: 0.95,
		Evidence: []engine.Fact{{Source: said.Source(), Text: fmt.Sprintf("worker %d: %s%s", said.ID, c.words.FindHeadline(said.Text), describeHeap(said.Text))}},
		RuledOut: []engine.Ruled{
			{Cause: engine.StalledEventLoop, Fact: "the process has ended: the collector had kept it busy before"},
			{Cause: engine.OutOfMemory, Fact: "V8 ended it at its own limit, not the kernel at the host's"},
		},
		Human: "the JavaScript heap is exhausted: find what the app keeps (node --heapsnapshot-near-heap-limit=1), or raise --max-old-space-size in node_args; PM2 goes on starting the workers",
	}
	how := "how is not known: pm2.log does not say"
	if end := c.findEnd(final); end != "" {
		how = "by " + end
	} else {
		f.Confidence = 0.7
	}
	f.Evidence = append(f.Evidence, engine.Fact{Source: "pm2.log", Text: fmt.Sprintf("deaths of this kind within %s: %d, the last %s", SpellSpan(memory), len(dead), how)})
	return f, true
}

// findHeapText returns what a process said that V8 ended for its heap, no text for another death.
func (c Facts) findHeapText(k crash) observe.Event {
	switch end := c.findEnd(k); {
	case end == "" && c.Now.At-k.at < endKnown:
		return observe.Event{}
	case end != "" && end != "SIGABRT" && end != "exit code 134":
		return observe.Event{}
	}
	return c.findDyingText(k, nodeerr.Heap)
}

// findDyingText returns the latest text of a class that a process said shortly before its end.
func (c Facts) findDyingText(k crash, class nodeerr.Class) observe.Event {
	return c.findLatestError(func(e observe.Event) bool {
		return e.ID == k.id && e.At >= k.at-abortFor && e.At <= k.at+endKnown && c.words.Read(e.Text).Class == class
	})
}

// describeHeap says how large the heap was after V8's last collection, "" if the text does not.
func describeHeap(text string) string {
	all := lastCollection.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf(" (its heap had %s MB after the last collection)", all[len(all)-1][1])
}
