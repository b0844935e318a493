package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// nativeTwice is how many processes must have ended so within memory: PM2 has dealt with one.
const nativeTwice = 2

// diagnoseNativeCrash returns a diagnosis where a signal of the processor's, or abort(), has ended
// processes again and again: native code, of a module or of Node, is at fault. The signal is in
// pm2.log ("via signal [SIGSEGV]"); what the C library or V8 said there is quoted. A full heap is
// another cause.
func diagnoseNativeCrash(c Facts) (Diagnosis, bool) {
	dead, ids := c.selectCrashes(func(k crash) bool { return c.findNativeSignal(k) != "" })
	if len(dead) < nativeTwice {
		return Diagnosis{}, false
	}
	var signals []string
	for _, k := range dead {
		signals = append(signals, c.findNativeSignal(k))
	}
	slices.Sort(signals)
	final := dead[len(dead)-1]
	names := strings.Join(slices.Compact(signals), " and ")
	f := Diagnosis{
		Cause: engine.NativeCrash, Subject: "signal", IDs: ids, Confidence: 0.9,
		Evidence: []engine.Fact{{Source: "pm2.log", Text: fmt.Sprintf("%d processes of workers %v ended by %s within %s; the last was worker %d's",
			len(dead), ids, names, (final.at - dead[0].at).Round(time.Second), final.id)}},
		RuledOut: []engine.Ruled{
			{Cause: engine.HeapExhausted, Fact: "V8 has not said that its heap was full"},
			{Cause: engine.OutOfMemory, Fact: "the kernel ends a process by SIGKILL when memory is out"},
			{Cause: engine.Serialisation, Fact: "an exception ends a process with an exit code"},
		},
		Human: "native code ends the workers (" + names + "): rebuild the native modules for this version of Node and this processor (npm rebuild), or put the release back; a core dump (ulimit -c, coredumpctl) or node --report-on-signal tells which. PM2 goes on starting the workers",
	}
	if said := c.findDyingText(final, nodeerr.Native); said.Text != "" {
		f.Confidence = 0.95
		f.Evidence = append(f.Evidence, engine.Fact{Source: said.Source(), Text: fmt.Sprintf("worker %d: %s", said.ID, nodeerr.FindLine(said.Text, nodeerr.Native))})
	}
	return f, true
}

// findNativeSignal returns the signal by which native code has ended a process, "" of another
// end. A shell or npm in between makes it an exit code, 128 and the signal's number. Why a
// process aborts may be said a moment later.
func (c Facts) findNativeSignal(k crash) string {
	if k.asked {
		return ""
	}
	signal := ""
	switch end := c.findEnd(k); end {
	case "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS", "SIGABRT":
		signal = end
	case "exit code 139":
		signal = "SIGSEGV"
	case "exit code 135":
		signal = "SIGBUS"
	case "exit code 132":
		signal = "SIGILL"
	case "exit code 136":
		signal = "SIGFPE"
	case "exit code 133":
		signal = "SIGTRAP"
	case "exit code 134":
		signal = "SIGABRT"
	}
	if signal == "SIGABRT" && (c.Now.At-k.at < endKnown || c.findHeapText(k).Text != "") {
		return ""
	}
	return signal
}
