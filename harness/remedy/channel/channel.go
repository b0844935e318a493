// Package channel delivers alerts to where people are told: a webhook of the contract's own
// form, Slack, PagerDuty, Alertmanager and mail. Each is a target that makes one attempt; the
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

// severity is how bad an incident is, in the words that PagerDuty has for it.
func severity(a engine.Alert) string {
	serving, of := count(a)
	switch {
	case a.Cause == engine.DaemonDead || of > 0 && serving == 0:
		return "critical"
	case serving < of:
		return "error"
	}
	return "warning"
}

// count returns how many workers serve, and of how many.
func count(a engine.Alert) (serving, of int) {
	for _, w := range a.Workers {
		if w.Derived == "serving" {
			serving++
		}
	}
	return serving, len(a.Workers)
}

// subject is an incident in one line.
func subject(a engine.Alert) string {
	what := string(a.Cause)
	if a.Cause == engine.Undetermined && a.Symptom != "" {
		what = string(a.Symptom)
	}
	where := a.App
	if a.Host != "" {
		where += " on " + a.Host
	}
	if a.Status == engine.StatusResolved {
		return fmt.Sprintf("resolved: %s: %s", where, what)
	}
	serving, of := count(a)
	return fmt.Sprintf("%s: %s (%d of %d workers serve)", where, what, serving, of)
}

// section is a part of a message.
type section struct {
	title string
	lines []string
}

// sections are what people read first, and in this order.
func sections(a engine.Alert) []section {
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
