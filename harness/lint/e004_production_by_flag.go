package lint

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func e004() Rule {
	return Rule{
		ID: "E004", Severity: Warning,
		Title:  "production by --env alone",
		Why:    "`pm2 start FILE` without --env production runs the app as env has it, and so does a reload by name, a resurrect from an older dump, or the script of a colleague who did not know. Nothing says that it was forgotten. For an environment that an app has not, PM2 prints a warning and starts the app without.",
		Fix:    "Put what production needs into env, and what development needs into env_development.",
		Source: "lib/Common.js:646",
		File: func(s *Subject) []Finding {
			if s.Target.Env != "" {
				return checkMissingEnv(s)
			}
			for _, a := range s.Apps {
				if a.Raw.Get("env_production").Get("NODE_ENV").Text == "production" && a.Raw.Get("env").Get("NODE_ENV").Text != "production" {
					return listOne(a.report("env_production", "Without --env production the app does not run in production. Call validate with --env production if every command of pm2 is called so.").setSeverity(Info))
				}
			}
			return nil
		},
	}
}

// checkMissingEnv reports the apps without the environment that --env names, if others
// have it; if none has, one finding says so.
func checkMissingEnv(s *Subject) []Finding {
	env := s.Target.Env
	lacks := func(a App) bool { return !a.Raw.Has(ecosystem.EnvPrefix+env) && a.Rejected == nil }
	none := !slices.ContainsFunc(s.Apps, func(a App) bool { return !lacks(a) })
	var out []Finding
	for _, a := range s.Apps {
		if !lacks(a) || a.Raw.Get("env").Get("NODE_ENV").Text == env {
			continue // or it is so in any case
		}
		f := a.report("env", "The app has no env_%s: --env %s changes nothing for it.", env, env).setFix("Give it env_%s, or do without --env %s.", env, env)
		if none {
			return listOne(f.setSeverity(Info))
		}
		out = append(out, f)
	}
	return out
}
