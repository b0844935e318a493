package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// Severity is how bad a symptom is for the app's users. People are told the sooner.
type Severity int

// The severities.
const (
	Partial  Severity = iota // some workers are not well, and the others serve
	Degraded                 // requests fail, or take long
	Total                    // nobody is served
)

// listSymptoms returns what people must hear of whatever its cause, each with its onset. What
// an operator does is none: workers that were stopped are not wanted, and a roll restarts
// workers on purpose. The kill switch forbids actions, not alerts: a symptom is told all the same.
func listSymptoms(c Facts) []Diagnosis {
	if c.Now.Rolling {
		return nil
	}
	if f, ok := findDaemonSilent(c); ok {
		return []Diagnosis{f}
	}
	if !c.Now.Daemon.Alive {
		return nil // the cause daemon_dead tells of it
	}
	var out []Diagnosis
	for _, find := range []func(Facts) (Diagnosis, bool){findOutage, findStarved, findFailing, findSlow, findPartial, findLoop, findSilent, findMemoryNear, findOrphans} {
		if f, ok := find(c); ok {
			out = append(out, f)
		}
	}
	return out
}

// buildSymptom returns a symptom with what is known besides.
func (c Facts) buildSymptom(name engine.Symptom, severity Severity, since time.Duration, ids []int, seen ...engine.Fact) Diagnosis {
	human := "find out why: the engine knows no cause yet and changes nothing; look at the last words of the workers, the app's error log and pm2.log"
	if _, fact, ok := c.findWatchLoop(); ok {
		human = "PM2's watch starts the app anew at each change: leave what the app writes out of it (ignore_watch), or take watch out where no one develops"
		if !slices.Contains(seen, fact) {
			seen = append(seen, fact)
		}
	}
	return Diagnosis{
		Cause: engine.Undetermined, Symptom: name, Subject: subjects[name], Severity: severity, Since: since, IDs: ids, Confidence: 0.5,
		Evidence: append(seen, c.describeWorkers(ids)...),
		RuledOut: []engine.Ruled{{Cause: engine.DaemonDead, Fact: "PM2's daemon runs"}},
		Human:    human,
	}
}

// subjects are what symptoms are about. Those with the same are one incident.
var subjects = map[engine.Symptom]string{
	engine.NoService: "service", engine.NeverServed: "service", engine.HealthFailing: "service", engine.HealthSlow: "service",
	engine.Starved: "service", engine.MemoryNear: "memory",
	engine.PartialService: "workers", engine.RestartLoop: "restarts", engine.SilentWorker: "heartbeats",
	engine.Orphans: "orphans", engine.DaemonSilent: "daemon",
}

// describeWorkers says who is down, and what of each was heard last.
func (c Facts) describeWorkers(ids []int) []engine.Fact {
	var out []engine.Fact
	for _, id := range ids {
		w, ok := c.Now.FindWorker(id)
		if !ok {
			continue
		}
		text := fmt.Sprintf("worker %d is %s", id, c.formatState(w))
		if w.PID > 0 && w.Alive {
			text += fmt.Sprintf(" (pid %d, state %s)", w.PID, w.State)
		}
		out = append(out, engine.Fact{Source: "rpc", Text: fmt.Sprintf("%s; PM2 calls it %s, after %s", text, w.Status, formatCount(w.Restarts, "restart"))})
		if said := c.findLatestError(func(e observe.Event) bool { return e.ID == id }); said.Text != "" {
			out = append(out, engine.Fact{Source: said.Source(), Text: fmt.Sprintf("worker %d's last words: %s", id, c.words.FindHeadline(said.Text))})
		}
		if w.Wrote != "" {
			out = append(out, engine.Fact{Source: "log", Text: fmt.Sprintf("worker %d wrote last: %s", id, w.Wrote)})
		}
	}
	return out
}

// formatState returns a worker's state by PM2 and the kernel. Whether one that runs also
// serves is for the health URL to tell.
func (c Facts) formatState(w observe.Worker) string {
	if s := c.Now.DeriveState(w, c.stall); s != observe.DerivedServing {
		return s
	}
	return "running"
}

// findDaemonSilent finds a daemon that runs and does not answer: it is stopped, or it is
// stuck. In cluster mode it hands every connection on, so then nobody is served.
func findDaemonSilent(c Facts) (Diagnosis, bool) {
	if !c.Now.Daemon.Alive || c.Now.Daemon.Error == "" {
		return Diagnosis{}, false
	}
	since := c.Now.At
	for _, o := range slices.Backward(c.history) {
		if since = o.At; o.Daemon.Error == "" {
			break // it has answered then
		}
	}
	state, lives := "its process is gone", "somebody has its socket open"
	if c.Now.Daemon.State != "" {
		state, lives = "its state is "+c.Now.Daemon.State, "its process runs"
	}
	f := c.buildSymptom(engine.DaemonSilent, Total, since, nil, engine.Fact{Source: "rpc", Text: fmt.Sprintf(
		"PM2's daemon (pid %d) has not answered for %s: %s; %s", c.Now.Daemon.PID, (c.Now.At - since).Round(time.Second), c.Now.Daemon.Error, state)})
	if fact, ok := c.describeChecks(since); ok {
		f.Evidence = append(f.Evidence, fact)
	}
	f.RuledOut = []engine.Ruled{{Cause: engine.DaemonDead, Fact: lives}}
	f.Human = "state T: somebody has stopped PM2's daemon (SIGSTOP), and kill -CONT makes it go on; else see what it is busy with. In cluster mode no connection reaches a worker without it"
	return f, true
}

// findOrphans finds child processes of PM2's daemon that its list does not have: nobody stops
// them, and they may still serve, or hold the port.
func findOrphans(c Facts) (Diagnosis, bool) {
	if len(c.Now.Daemon.Strays) == 0 {
		return Diagnosis{}, false
	}
	since := c.Now.At
	stay := slices.Clone(c.Now.Daemon.Strays)
	for _, o := range slices.Backward(c.history) {
		both := slices.DeleteFunc(slices.Clone(stay), func(pid int) bool { return !slices.Contains(o.Daemon.Strays, pid) })
		if len(both) == 0 {
			break
		}
		stay, since = both, o.At
	}
	f := c.buildSymptom(engine.Orphans, Partial, since, nil, engine.Fact{Source: "proc", Text: fmt.Sprintf(
		"processes %v are children of PM2's daemon (pid %d) and in no row of its list, for %s", stay, c.Now.Daemon.PID, (c.Now.At - since).Round(time.Second))})
	f.Human = "see what these processes are, and end them if they are left over: PM2 will not"
	return f, true
}
