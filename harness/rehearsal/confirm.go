package rehearsal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// observation says what the acts show of a rule.
type observation func(acts []Act, f report.Measured) (report.Verification, string)

// listObservations returns the rules whose harm shows in a rehearsal, and how it shows.
func listObservations() map[string]observation {
	return map[string]observation{
		"C001": observeWords("EADDRINUSE", "no worker said EADDRINUSE"),
		"C007": observeNever("PM2 restarts by a pattern of the clock, which a rehearsal does not wait for"),
		"C011": observeAct("cold-start"),
		"K013": observeAct("cold-start"),
		"T001": observeAct("slow-start"),
		"T002": observeDrain,
		"T003": observeAct("slow-start"),
		"T009": observeLock,
		"T011": observeAct("reload"),
		"L006": observeWords("Cannot find module", "every module was found"),
	}
}

// Confirm says of each finding what the acts show of it.
func Confirm(findings []lint.Finding, acts []Act, f report.Measured) []report.Check {
	var out []report.Check
	for _, x := range findings {
		c := report.Check{Rule: x.Rule, Key: x.Key, Verdict: report.Unseen, Because: "a rehearsal does not show it"}
		if look, ok := listObservations()[x.Rule]; ok {
			c.Verdict, c.Because = look(acts, f)
		}
		out = append(out, c)
	}
	return out
}

func observeNever(because string) observation {
	return func([]Act, report.Measured) (report.Verification, string) { return report.Unseen, because }
}

// observeWords returns an observation that confirms by words that a worker has printed.
func observeWords(words, otherwise string) observation {
	return func(acts []Act, _ report.Measured) (report.Verification, string) {
		for _, a := range acts {
			for _, e := range a.Record.Events {
				if strings.Contains(e.Text, words) {
					return report.Confirmed, fmt.Sprintf("%s: a worker said %s", a.Name, words)
				}
			}
		}
		return report.Refuted, otherwise
	}
}

// observeAct returns an observation that confirms by a promise that the act has broken,
// and refutes by all of them kept.
func observeAct(name string) observation {
	return func(acts []Act, _ report.Measured) (report.Verification, string) {
		i := slices.IndexFunc(acts, func(a Act) bool { return a.Name == name })
		if i < 0 {
			return report.Unseen, "there was no act " + name
		}
		for _, r := range acts[i].Rulings {
			switch r.Verdict {
			case promise.Broken:
				return report.Confirmed, fmt.Sprintf("%s: %s: %s", name, r.Promise, r.Because)
			case promise.Kept:
			default:
				return report.Unseen, fmt.Sprintf("%s is inconclusive: %s", name, r.Because)
			}
		}
		return report.Refuted, fmt.Sprintf("%s kept every promise", name)
	}
}

// observeDrain confirms by a worker that was killed, or by requests that a reload
// dropped.
func observeDrain(acts []Act, f report.Measured) (report.Verification, string) {
	if f.Killed > 0 {
		return report.Confirmed, fmt.Sprintf("PM2 had to kill %d workers", f.Killed)
	}
	return observeAct("reload")(acts, f)
}

// reloadLock is how long PM2 keeps others from reloading (API.js, RELOAD_LOCK_TIMEOUT).
const reloadLock = 30 * time.Second

func observeLock(_ []Act, f report.Measured) (report.Verification, string) {
	switch {
	case f.Reload == 0:
		return report.Unseen, "no reload was seen to its end"
	case f.Reload > reloadLock:
		return report.Confirmed, fmt.Sprintf("the reload took %s", f.Reload.Round(time.Second))
	}
	return report.Refuted, fmt.Sprintf("the reload took %s, and the lock lasts %s", f.Reload.Round(100*time.Millisecond), reloadLock)
}
