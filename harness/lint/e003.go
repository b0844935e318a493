package lint

func e003() Rule {
	return Rule{
		ID: "E003", Severity: Info,
		Title:  "NODE_ENV=production is nowhere set",
		Why:    "Express, React and many others go by NODE_ENV: without it they compile templates at each request, send stacks to clients and log more. PM2 sets nothing of its own accord.",
		Fix:    "env: { NODE_ENV: \"production\" }.",
		Source: "expressjs.com/en/advanced/best-practice-performance.html",
		Apps: func(a App) []Finding {
			if a.production() || a.Rejected != nil || a.Ready.Get("script").Missing() || a.of.Target.OS["NODE_ENV"] == "production" {
				return nil
			}
			if by := base(a.Plan.Interpreter); by != "node" && by != "bun" {
				return nil
			}
			key := "env"
			if !a.has(key) {
				key = ""
			}
			return one(a.says(key, "No environment of the app has NODE_ENV=production."))
		},
	}
}
