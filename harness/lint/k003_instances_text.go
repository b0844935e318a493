package lint

import (
	"regexp"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func k003() Rule {
	return Rule{
		ID: "K003", Severity: Error,
		Title:  "instances is text that PM2 reads otherwise than it is meant",
		Why:    "Of a text PM2 takes the number that it begins with, and 0 if there is none; and 0 means one worker a core. \"auto\", \"MAX\", \"max-1\" and \"\" all start one a core, \"50%\" starts fifty workers.",
		Fix:    "Write a number, or 'max'.",
		Source: "lib/Common.js:857",
		Apps: func(a App) []Finding {
			v := a.getRaw("instances")
			if !v.Is(ecosystem.String) || v.Text == "max" || wholeNumber.MatchString(strings.TrimSpace(v.Text)) {
				return nil
			}
			if perCore.MatchString(v.Text) {
				return listOne(a.report("instances", "instances: %s is no word of PM2's: it starts %d workers on the target's %d cores as any other text would.", v.Inspect(), a.Plan.Workers, a.of.Target.CPUs).setSeverity(Info).setFix("Write 'max', if a worker for each core is meant."))
			}
			return listOne(a.report("instances", "instances: %s starts %d workers on the target's %d cores.", v.Inspect(), a.Plan.Workers, a.of.Target.CPUs))
		},
	}
}

// perCore are words with which people mean one worker a core.
var perCore = regexp.MustCompile(`(?i)^(max|auto|all|cpus?|cores?)$`)

var wholeNumber = regexp.MustCompile(`^-?\d+$`)
