package lint

func k016() Rule {
	return Rule{
		ID: "K016", Severity: Warning,
		Title:  "filter_env: true, which filters nothing",
		Why:    "PM2 asks for the length of filter_env, and true has none: the app inherits the whole environment of the shell that started it, secrets and all.",
		Fix:    "Name what is to be kept away: a list of texts, each of which filters every variable whose name contains it.",
		Source: "lib/Common.js:182",
		Apps: func(a App) []Finding {
			if v := a.getRaw("filter_env"); !v.True {
				return nil
			}
			return listOne(a.report("filter_env", "filter_env: true filters nothing: the app inherits every variable of the shell."))
		},
	}
}
