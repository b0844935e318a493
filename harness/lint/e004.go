package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func e004() Rule {
	return Rule{
		ID: "E004", Severity: Warning,
		Title:  "production by --env alone",
		Why:    "`pm2 start FILE` without --env production runs the app as env has it, and so does a reload by name, a resurrect from an older dump, or the script of a colleague who did not know. Nothing says that it was forgotten. For an environment that no app has, PM2 prints a warning and starts the app without.",
		Fix:    "Put what production needs into env, and what development needs into env_development.",
		Source: "lib/Common.js:646",
		Apps: func(a App) []Finding {
			const key = "env_production"
			if env := a.of.Target.Env; env != "" {
				if a.Raw.Has(ecosystem.EnvPrefix+env) || a.Rejected != nil {
					return nil
				}
				return one(a.says("env", "The app has no env_%s: --env %s changes nothing for it.", env, env))
			}
			if a.Raw.Get(key).Get("NODE_ENV").Text != "production" || a.Raw.Get("env").Get("NODE_ENV").Text == "production" {
				return nil
			}
			return one(a.says(key, "Without --env production the app does not run in production."))
		},
	}
}
