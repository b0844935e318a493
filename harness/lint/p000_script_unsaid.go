package lint

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func p000() Rule {
	return Rule{
		ID: "P000", Severity: Error,
		Title:  "an app without a script",
		Why:    "PM2 checks all apps, then starts them one by one: at the app without a script it says \"No script path - aborting\" and goes on with the others. Some run, one does not, and the exit code is 1.",
		Fix:    "Give the app a script.",
		Source: "lib/Common.js:112",
		Apps: func(a App) []Finding {
			if a.getScript() != "" || a.Rejected != nil || !a.Raw.Is(ecosystem.Object) || a.isWholeFile() {
				return nil
			}
			if a.of.isStrange() && a.of.Config.Deploy.Truthy() {
				return nil // it is for pm2 deploy alone
			}
			if a.of.isStrange() {
				f := a.of.report("", "The file has none of PM2's keys: this is no configuration of PM2's.").setFix("Name the right file, or export { apps: [...] }.")
				if len(a.of.Config.Top.Fields) > 0 {
					f = f.setSeverity(Warning) // another program's
				}
				return listOne(f)
			}
			if len(a.Raw.Fields) == 1 && a.has("name") && a.of.Config.Deploy.Truthy() {
				return listOne(a.report("script", "The app has nothing but a name.").setSeverity(Info).setFix("Nothing, if the file is for pm2 deploy alone; `apps: []` says so."))
			}
			return listOne(a.report("script", "The app has no script."))
		},
	}
}

// isStrange reports whether the whole file is taken for an app, and has no key of one.
func (s *Subject) isStrange() bool {
	return s.Config.Under == "" && !s.Default && !slices.ContainsFunc(s.Config.Top.Fields, func(f ecosystem.Field) bool {
		return f.Key != "deploy" && (isKnownKey(f.Key) || findClosestSetting(f.Key) != "")
	})
}
