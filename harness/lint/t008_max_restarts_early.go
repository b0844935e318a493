package lint

func t008() Rule {
	return Rule{
		ID: "T008", Severity: Info,
		Title:  "max_restarts guards the first seconds alone",
		Why:    "PM2 counts unstable exits for min_uptime x max_restarts ms after the app was started by hand, and then never again: an app that was well for longer and crashes at every boot from then on is restarted for ever (21 restarts were seen, none of them counted), online at each look.",
		Fix:    "Have something else watch the rate of restarts: PM2 does not.",
		Source: "lib/God.js:474",
		Apps: func(a App) []Finding {
			if !a.has("max_restarts") || len(t005().Apps(a)) > 0 || len(k018().Apps(a)) > 0 || a.Rejected != nil {
				return nil
			}
			_, window := computeRestarts(a)
			return listOne(a.report("max_restarts", "PM2 gives up within %.0f s of a start by hand, and never later.", window/1e3))
		},
	}
}
