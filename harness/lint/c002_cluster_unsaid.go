package lint

func c002() Rule {
	return Rule{
		ID: "C002", Severity: Warning,
		Title:  "cluster mode that is nowhere said",
		Why:    "PM2's guide calls fork the default. Where instances is given and the script is run by Node, PM2 takes cluster mode without a word: an app that is not made for it (its own cluster, sockets that need the same worker, state in memory) runs in several workers, and `instances: 1` has another reload than no instances at all.",
		Fix:    "Say which: exec_mode: \"cluster\" or \"fork\".",
		Source: "lib/Common.js:346; github.com/Unitech/pm2/issues/4654",
		Apps: func(a App) []Finding {
			if !a.Plan.Implied {
				return nil
			}
			f := a.report("instances", "exec_mode is not given: PM2 runs the app in cluster mode, with %s.", formatCount(a.Plan.Workers, "worker"))
			if a.Plan.Workers == 1 || a.isDevelopment() {
				f = f.setSeverity(Info)
			}
			if a.Plan.Assumed || a.Plan.Launcher != "" || len(c003().Apps(a)) > 0 {
				return listOne(f) // cluster mode is not the answer, or another host may take the script for a program
			}
			return listOne(f.setEdit(Edit{Add: []Pair{{"exec_mode", `"cluster"`}}}))
		},
	}
}
