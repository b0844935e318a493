package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func k011() Rule {
	return Rule{
		ID: "K011", Severity: Error,
		Title:  "cron, whose pattern PM2 does not check",
		Why:    "PM2 checks the pattern of cron_restart, and not that of its alias cron, which goes to the daemon as it is. A pattern that is wrong throws there, and the daemon goes down with every app that it runs, as it does for K005. The same on 5.4.3 and 6.0.14. A pattern that is right is a remark.",
		Fix:    "Call it cron_restart: then PM2 refuses a wrong pattern.",
		Source: "lib/Common.js:873, lib/Worker.js:48",
		Apps: func(a App) []Finding {
			v := a.Raw.Get("cron")
			if !v.Truthy() || a.Raw.Get("cron_restart").Truthy() {
				return nil
			}
			if err := ecosystem.CheckCron(v); err != nil {
				return listOne(a.report("cron", "The pattern is wrong, and PM2 does not look: its daemon throws, and every app on the host goes down with it. %s.", capitalize(err.Error())).setFix("Mend the pattern, and call the key cron_restart: then PM2 refuses a wrong one."))
			}
			return listOne(a.report("cron", "The pattern is right today; under this name PM2 would not refuse a wrong one, and its daemon would die of it.").setSeverity(Info).setEdit(Edit{Rename: "cron_restart"}))
		},
	}
}
