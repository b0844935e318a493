package lint

func t002() Rule {
	return Rule{
		ID: "T002", Severity: Warning,
		Title:  "several workers and no kill_timeout",
		Why:    "From SIGINT a worker has kill_timeout, 1600 ms if nothing is said, and is killed then with whatever it was answering. Of 100 requests that take 3 s, 23 were cut off by a reload, and none with kill_timeout: 5000.",
		Fix:    "kill_timeout longer than the longest request, and an app that ends by itself when it has answered.",
		Source: "constants.js:103, lib/God/Methods.js:158",
		Apps: func(a App) []Finding {
			if _, given := a.num("kill_timeout"); !a.many() || given || len(c003().Apps(a)) > 0 {
				return nil
			}
			key := "instances"
			if a.has("kill_timeout") {
				key = "kill_timeout"
			}
			f := a.says(key, "A reload kills each worker 1600 ms after SIGINT, with the requests that it has.").edit(Edit{Add: []Pair{{"kill_timeout", "5000"}}})
			if a.development() {
				f = f.as(Info)
			}
			return one(f)
		},
	}
}
