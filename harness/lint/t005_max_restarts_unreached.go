package lint

import (
	"math"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func t005() Rule {
	return Rule{
		ID: "T005", Severity: Warning,
		Title:  "max_restarts, which is never reached",
		Why:    "PM2 counts an exit as unstable only within the first min_uptime x max_restarts ms since the app was started by hand. Where the delays between restarts use that time up, the count stops short of max_restarts, and an app that cannot boot is restarted for ever.",
		Fix:    "Raise min_uptime until min_uptime x max_restarts is longer than all delays together.",
		Source: "lib/God.js:474",
		Apps: func(a App) []Finding {
			_, given := a.getNumber("max_restarts")
			most, window := computeRestarts(a)
			if !given || math.IsInf(most, 0) || a.Ready.Get("autorestart").Is(ecosystem.Bool) && !a.is("autorestart") {
				return nil
			}
			delays, ok := computeDelays(a, most)
			if !ok || delays < window {
				return nil
			}
			return listOne(a.report("max_restarts", "An app that dies at boot is never given up: %.0f restarts take %.1f s at least, and PM2 counts for %.1f s only.",
				most, delays/1e3, window/1e3))
		},
	}
}

// computeRestarts returns how many unstable exits PM2 allows, and for how many ms it
// counts.
func computeRestarts(a App) (most, window float64) {
	most = a.getNumberOr("max_restarts", 16)
	return most, most * a.getNumberOr("min_uptime", 1000)
}

// computeDelays returns how many ms the delays take before the exit that is one too many,
// false where there is no delay.
func computeDelays(a App, most float64) (float64, bool) {
	if delay, ok := a.getNumber("exp_backoff_restart_delay"); ok && delay > 0 {
		sum := 0.0
		for range int(min(most, 1e4)) - 1 {
			sum += delay
			delay = math.Floor(min(15000, delay*1.5))
		}
		return sum, true
	}
	delay, ok := a.getNumber("restart_delay")
	return delay * (most - 1), ok && delay > 0
}
