package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func t006() Rule {
	return Rule{
		ID: "T006", Severity: Info,
		Title:  "an app that was given up shows \"waiting restart\" for ever",
		Why:    "When PM2 gives an app up it sets errored, and a few lines on, because a delay is configured, \"waiting restart\" again. Nothing waits: `pm2 ls` shows pid 0 and no rising count for as long as one looks, and whoever waits for errored waits for ever. The same on 5.4.3 and 6.0.14.",
		Fix:    "Let what watches the app go by pid 0 and a count of restarts that stands still, not by the status.",
		Source: "lib/God.js:486, 514, 520",
		Apps: func(a App) []Finding {
			key := findDelayKey(a)
			if key == "" || len(t007().Apps(a))+len(t005().Apps(a)) > 0 {
				return nil
			}
			return listOne(a.report(key, "With %s, an app that PM2 has given up shows \"waiting restart\", and never errored.", key))
		},
	}
}

// findDelayKey returns the key that delays restarts, "" if none does: PM2 asks whether it
// is a number, and takes 0 for one.
func findDelayKey(a App) string {
	for _, key := range []string{"exp_backoff_restart_delay", "restart_delay"} {
		if a.Ready.Get(key).Is(ecosystem.Number) {
			return key
		}
	}
	return ""
}
