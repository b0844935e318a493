package lint

import "slices"

func e003() Rule {
	return Rule{
		ID: "E003", Severity: Info,
		Title:  "NODE_ENV is nowhere set",
		Why:    "Express, React and many others go by NODE_ENV: without it they compile templates at each request, send stacks to clients and log more. PM2 sets nothing of its own accord.",
		Fix:    "env: { NODE_ENV: \"production\" }.",
		Source: "expressjs.com/en/advanced/best-practice-performance.html",
		File: func(s *Subject) []Finding {
			if s.Target.OS["NODE_ENV"] != "" || slices.ContainsFunc(s.Apps, App.hasNodeEnv) {
				return nil // set, or known to whoever wrote the file
			}
			for _, a := range s.Apps {
				if a.Rejected != nil || a.Ready.Get("script").Missing() || a.isWholeFile() || a.Plan.Launcher != "" || !a.Plan.OnNode() || a.isForeign() {
					continue
				}
				key := "env"
				if !a.has(key) {
					key = ""
				}
				return listOne(a.report(key, "No app of the file has NODE_ENV."))
			}
			return nil
		},
	}
}

// hasNodeEnv reports whether any environment of the app has NODE_ENV.
func (a App) hasNodeEnv() bool {
	return slices.ContainsFunc(a.listEnvs(), func(key string) bool { return a.Raw.Get(key).Has("NODE_ENV") })
}
