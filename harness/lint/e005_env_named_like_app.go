package lint

func e005() Rule {
	return Rule{
		ID: "E005", Severity: Warning,
		Title:  "an environment variable named like the app",
		Why:    "PM2 keeps settings of modules under the app's name, lays them over the app's environment, and for an app that is no module that is an empty object: the variable arrives as \"{}\", or empty.",
		Fix:    "Rename the variable or the app.",
		Source: "lib/API.js:1137; github.com/Unitech/pm2/issues/4894",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, env := range a.listEnvs() {
				if a.Name != "" && a.Raw.Get(env).Has(a.Name) {
					out = append(out, a.report(env+"."+a.Name, "The variable has the app's name: the app gets \"{}\" for it."))
				}
			}
			return out
		},
	}
}
