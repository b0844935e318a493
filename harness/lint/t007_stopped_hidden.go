package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func t007() Rule {
	return Rule{
		ID: "T007", Severity: Warning,
		Title:  "an app that is not to be restarted shows \"waiting restart\"",
		Why:    "A delay sets \"waiting restart\" at every exit, that of an app with autorestart: false or with one of its stop_exit_codes too. It is not restarted, and looks as if it were about to be.",
		Fix:    "Remove the delay.",
		Source: "lib/God.js:512",
		Apps: func(a App) []Finding {
			auto := a.Ready.Get("autorestart")
			stays := auto.Is(ecosystem.Bool) && !auto.True || a.has("stop_exit_codes")
			key := findDelayKey(a)
			if !stays || key == "" {
				return nil
			}
			return listOne(a.report(key, "The app is not restarted, and %s has it shown as \"waiting restart\".", key).setEdit(Edit{Remove: true}))
		},
	}
}
