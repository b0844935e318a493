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
		crashes := c.listCrashes(w.ID, c.subtractFromNow(memory))
		if !w.GaveUp && (len(crashes) < unclearCrashes || c.hasRecovered(w)) {
			continue
		}
		ids = append(ids, w.ID)
		since = min(since, c.findUnwellSince(w))
		if n := len(crashes); n > 0 && crashes[n-1].at > final.at {
			final = crashes[n-1]
		}
	}
	if len(ids) == 0 || c.Now.At-since < unclearFor {
		return Diagnosis{}, false
	}
	said := engine.Fact{Source: "bus", Text: "they said nothing that the engine heard" + c.explainSilence(ids)}
	if i := slices.IndexFunc(c.errors, func(e observe.Event) bool { return e.Kind == observe.KindLast }); i >= 0 && final.text == "" {
		final = crash{id: c.errors[i].ID, text: c.errors[i].Text}
	}
	if final.text != "" {
		said = engine.Fact{Source: c.findSource(final.text), Text: fmt.Sprintf("worker %d's last words: %s", final.id, c.words.FindHeadline(final.text))}
	}
	slices.Sort(ids)
	boot, human := c.explainDeaths(ids, final)
	f := Diagnosis{
		Cause: engine.Undetermined, Subject: "workers", IDs: ids, Dying: ids, Passes: final.text != "" && !c.words.IsOwn(final.text), Confidence: 0.3,
		Evidence: []engine.Fact{
			{Source: "rpc", Text: fmt.Sprintf("workers %v have been down or dying for %s", ids, (c.Now.At - since).Round(time.Second))},
			said,
		},
		RuledOut: []engine.Ruled{
			{Cause: engine.DaemonDead, Fact: "PM2's daemon answers"},
			{Cause: engine.BootCrash, Fact: boot},
		},
		Human: human,
	}
	if end := c.findEnd(final); end != "" {
		f.Evidence = append(f.Evidence, engine.Fact{Source: "pm2.log", Text: fmt.Sprintf("worker %d's process ended by %s", final.id, end)})
	}
	return f, true
}

// explainSilence says of workers whose logs go nowhere that they do, "" of others.
func (c Facts) explainSilence(ids []int) string {
	for _, id := range ids {
		if w, ok := c.Now.FindWorker(id); ok && w.NoLog {
			return ", and their logs go to /dev/null or are switched off: give them error_file, so that what they say is kept"
		}
	}
	return ""
}

// explainDeaths says why the workers' deaths are no boot crash, and what people can do.
func (c Facts) explainDeaths(ids []int, final crash) (boot, human string) {
	switch end := c.findEnd(final); {
	case isSent(end):
		return fmt.Sprintf("the last process was ended by %s, which somebody sends, and not by an error of its own", end),
			fmt.Sprintf("somebody sends %s to the workers, and neither PM2 nor the engine did: look for a tool of the host that ends processes (earlyoom, systemd-oomd, a deploy script, a timer), and in the log of the host at the times of the deaths. PM2 starts them again", end)
	case c.haveComeUp(ids):
		return "the workers come up, serve, and die later: they were seen to serve, or to live for longer than a start",
			"something kills workers that serve, such as a request that the code cannot handle; PM2 starts them again. Find it in the access log at the times of the deaths"
	case adviseOnClass(c.words.Read(final.text).Class) != "":
		return "the error is known, and is no fault of the code that every start meets", adviseOnClass(c.words.Read(final.text).Class)
	case c.words.LooksOutside(final.text):
		return "the error looks like something outside the process, which may be over at the next start",
			"the workers die of something that looks outside of them, and no server that their sockets or settings name fails to answer: see to what the error names. PM2 goes on starting them; what it has given up the engine tries again"
	}
	return fmt.Sprintf("not %d deaths of one and the same error", bootErrors), "no rule explains why the workers die: read the app's error log and pm2.log"
}

// isSent reports whether an end is by a signal that one process sends to another to end it. Native
// code ends a process by others, and SIGKILL is diagnosed by itself once there are two.
func isSent(end string) bool {
	switch end {
	case "SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL":
		return true
	}
	return false
}

// haveComeUp reports whether all of these workers came up before they died last.
func (c Facts) haveComeUp(ids []int) bool {
	for _, id := range ids {
		crashes := c.listCrashes(id, c.subtractFromNow(memory))
		if len(crashes) == 0 || !crashes[len(crashes)-1].came {
			return false
		}
	}
	return len(ids) > 0
}

// adviseOnClass returns what people can do about what an error text says, "" where that
// needs more than the text.
func adviseOnClass(class nodeerr.Class) string {
	switch class {
	case nodeerr.Heap:
		return "the JavaScript heap is exhausted: find what the app keeps, or raise --max-old-space-size in node_args; PM2 goes on starting the workers"
	case nodeerr.Denied:
		return "a server refuses the app's credentials: compare them with the server's. PM2 goes on starting the workers; what it has given up the engine tries again"
	case nodeerr.Full:
		return "a server has no room for the app: see who holds its connections, or raise its limit. PM2 goes on starting the workers; what it has given up the engine tries again"
	case nodeerr.TLS:
		return "no secure connection comes about: see to the server's certificate, its date, and whether it speaks TLS at all. PM2 goes on starting the workers; what it has given up the engine tries again"
	case nodeerr.BadFile:
		return "data that the app loads is cut off or no JSON: a file that is being written, or a server that answers something else, such as a page about an error. PM2 goes on starting the workers; what it has given up the engine tries again"
	case nodeerr.NoFile, nodeerr.Permission:
		return "a file or a folder is not there, or may not be opened: was the release's folder removed under the app? PM2 goes on starting the workers; what it has given up the engine tries again"
	case nodeerr.NoCommand:
		return "a command is not there, or may not be executed, that PM2 or the app starts: see to the interpreter and to PATH. PM2 goes on starting the workers"
	case nodeerr.Exhausted:
		return "the host, or a limit of it, is exhausted: see to descriptors, memory and disk. PM2 goes on starting the workers; what it has given up the engine tries again"
	}
	return ""
}
