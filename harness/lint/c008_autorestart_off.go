package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func c008() Rule {
	return Rule{
		ID: "C008", Severity: Warning,
		Title:  "autorestart: false with several workers",
		Why:    "A worker that exits for whatever reason stays down. The others carry on, nothing is reported, and the app has less capacity until somebody looks.",
		Fix:    "Remove it.",
		Source: "lib/God.js:441",
		Apps: func(a App) []Finding {
			if v := a.Ready.Get("autorestart"); !a.hasManyWorkers() || !v.Is(ecosystem.Bool) || v.True {
				return nil
			}
			return listOne(a.report("autorestart", "Of %d workers each that exits is lost until somebody starts it.", a.Plan.Workers))
		},
	}
}
