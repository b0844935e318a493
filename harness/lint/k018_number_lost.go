package lint

import (
	"math"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func k018() Rule {
	return Rule{
		ID: "K018", Severity: Error,
		Title:  "a number that does not survive the way to the daemon",
		Why:    "What PM2 sends its daemon is JSON, which has neither Infinity nor NaN: both arrive as null. max_restarts: Infinity, written so that PM2 never gives up, makes it give up at the first exit, since any count is at least null. The same on 5.4.3 and 6.0.14.",
		Fix:    "Write a large number: 1000000.",
		Source: "lib/God.js:472",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, s := range ecosystem.Settings() {
				n, ok := a.getNumber(s.Key)
				if s.Key == "instances" || !ok || !math.IsNaN(n) && !math.IsInf(n, 0) {
					continue
				}
				f := a.report(s.Key, "%s is %s, and arrives as null.", s.Key, ecosystem.FormatNumber(n))
				if s.Key == "max_restarts" {
					f.Message += " PM2 then never restarts the app: the first exit is its last."
					f.Edit = &Edit{Set: "1000000"}
				}
				out = append(out, f)
			}
			return out
		},
	}
}
