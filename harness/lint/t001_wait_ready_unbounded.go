package lint

func t001() Rule {
	return Rule{
		ID: "T001", Severity: Warning,
		Title:  "wait_ready without listen_timeout",
		Why:    "A reload waits for \"ready\" for listen_timeout, 3000 ms if nothing is said, and then stops the old worker whether the new one is ready or not. With an app that took longer, 95 requests failed in a reload, and none with listen_timeout: 10000.",
		Fix:    "listen_timeout longer than the slowest boot.",
		Source: "lib/God/Reload.js:196, constants.js:83",
		Apps: func(a App) []Finding {
			if _, given := a.getNumber("listen_timeout"); !a.Plan.Cluster || !a.is("wait_ready") || given {
				return nil
			}
			return listOne(a.report("wait_ready", "After 3000 ms a reload stops the old worker, ready or not.").setEdit(Edit{Add: []Pair{{"listen_timeout", "10000"}}}))
		},
	}
}
