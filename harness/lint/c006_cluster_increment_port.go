package lint

func c006() Rule {
	return Rule{
		ID: "C006", Severity: Warning,
		Title:  "increment_var of a port in cluster mode",
		Why:    "Each worker gets a port of its own, one higher than the last: nothing is shared any more, and a client of the first port reaches one worker alone. A worker that is replaced may come back on yet another.",
		Fix:    "Remove increment_var, or use fork mode with something that balances the load in front.",
		Source: "lib/God.js:630",
		Apps: func(a App) []Finding {
			if !a.hasManyWorkers() || a.getText("increment_var") == "" {
				return nil
			}
			return listOne(a.report("increment_var", "The %d workers listen on different values of %s: they share no port.", a.Plan.Workers, a.getText("increment_var")))
		},
	}
}
