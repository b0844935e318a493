package lint

func t002() Rule {
	return Rule{
		ID: "T002", Severity: Warning,
		Title:  "several workers and no kill_timeout",
		Why:    "From SIGINT a worker has kill_timeout, 1600 ms if nothing is said, and is killed then with whatever it was answering. Of 100 requests that take 3 s, 23 were cut off by a reload, and none with kill_timeout: 5000.",
		Fix:    "kill_timeout longer than the longest request, and an app that ends by itself when it has answered.",
		Source: "constants.js:103, lib/God/Methods.js:158",
		Apps: func(a App) []Finding {
			if _, given := a.getNumber("kill_timeout"); !a.hasManyWorkers() || given || len(c003().Apps(a)) > 0 {
				return nil
			}
			key := "instances"
			if a.has("kill_timeout") {
				key = "kill_timeout"
			}
			doing := "with the requests that it has"
			if a.isPortless() {
				doing = "whatever it is doing"
			}
			f := a.report(key, "A reload kills each worker 1600 ms after %s, %s.", a.of.Target.StopSignal(), doing).setEdit(Edit{Add: []Pair{{"kill_timeout", "5000"}}})
			if a.isDevelopment() {
				f = f.setSeverity(Info)
			}
			return listOne(f)
		},
	}
}
