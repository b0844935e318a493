// Package channel delivers alerts to where people are told: a webhook of the contract's own
// form, Slack, PagerDuty, Opsgenie, Alertmanager and mail. Each is a target that makes one attempt; the
// queue, the order and the back-off are the alert package's.
//
// What comes here is bounded and has no secrets. The address and the key of a channel are
// secrets themselves, and no error names them.
package channel

import (
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// computeSeverity returns how bad an incident is, in PagerDuty's words: critical, error
// or warning. An outage is critical however many processes run.
func computeSeverity(a engine.Alert) string {
	running, of := countRunning(a)
	switch {
	case a.Cause == engine.DaemonDead || isOutage(a.Symptom) || of > 0 && running == 0:
		return "critical"
	case running < of:
		return "error"
	}
	return "warning"
}

// isOutage reports whether a symptom says that users are not served.
func isOutage(s engine.Symptom) bool {
	switch s {
	case engine.NoService, engine.NeverServed, engine.HealthFailing, engine.DaemonSilent:
		return true
	}
	return false
}

// countRunning returns how many workers run by PM2 and the kernel, and of how many. Whether
// one of them answers, it does not tell.
func countRunning(a engine.Alert) (running, of int) {
	for _, w := range a.Workers {
		if w.Derived == "serving" {
			running++
		}
	}
	return running, len(a.Workers)
}

// formatSubject returns an incident in one line. An outage without a known cause has no
// count of workers: processes that run and serve nobody would contradict it.
func formatSubject(a engine.Alert) string {
	symptomOnly := a.Cause == engine.Undetermined && a.Symptom != ""
	what := string(a.Cause)
	if symptomOnly {
		what = string(a.Symptom)
	}
	where := a.App
	if a.Host != "" {
		where += " on " + a.Host
	}
	if a.Status == engine.StatusResolved {
		return fmt.Sprintf("resolved: %s: %s", where, what)
	}
	running, of := countRunning(a)
	if of == 0 || symptomOnly && isOutage(a.Symptom) {
		return fmt.Sprintf("%s: %s", where, what)
	}
	return fmt.Sprintf("%s: %s (%d of %d workers running)", where, what, running, of)
}

// section is a part of a message.
type section struct {
	title string
	lines []string
}

// buildSections returns what people read first, in this order.
func buildSections(a engine.Alert) []section {
	var out []section
	add := func(title string, lines ...string) {
		if len(lines) > 0 && lines[0] != "" {
			out = append(out, section{title, lines})
		}
	}
	var evidence, actions []string
	for _, f := range a.Evidence {
		evidence = append(evidence, f.Source+": "+f.Text)
	}
	for _, t := range a.Actions {
		about := ""
		if t.ID != nil {
			about = fmt.Sprintf(" of worker %d", *t.ID)
		}
		actions = append(actions, fmt.Sprintf("%s %s%s: %s: %s", t.At.UTC().Format("15:04:05"), t.Action, about, t.Result, t.Why))
	}
	add("What to change", a.Human)
	add("What the engine does next", a.Next)
	add("Permit it (whoever opens this link may, once)", a.Approve)
	add("How to undo what was done", a.Undo)
	add("Evidence", evidence...)
	add("Actions", actions...)
	add("Last errors", a.Logs[max(0, len(a.Logs)-10):]...)
	return out
}

// clip shortens a text to at most n bytes, at the end of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	const dots = "…"
	return strings.ToValidUTF8(s[:max(0, n-len(dots))], "") + dots
}
