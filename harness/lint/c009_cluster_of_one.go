package lint

func c009() Rule {
	return Rule{
		ID: "C009", Severity: Info,
		Title:  "a cluster of one",
		Why:    "With one worker a crash is an outage, and so is every restart. A reload is none, since PM2 starts the new worker before it stops the old one, if the app waits for its requests.",
		Fix:    "Two workers or more; or fork mode, if there can be only one.",
		Source: "lib/God/Reload.js",
		Apps: func(a App) []Finding {
			if !a.Plan.Cluster || a.Plan.Workers != 1 {
				return nil
			}
			key := "instances"
			if !a.has(key) {
				key = "exec_mode"
			}
			return listOne(a.report(key, "The cluster has one worker: while it restarts, nobody serves."))
		},
	}
}
