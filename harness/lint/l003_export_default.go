package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func l003() Rule {
	return Rule{
		ID: "L003", Severity: Error,
		Title:  "export default, which PM2 does not look at",
		Why:    "PM2 takes what require() returns as it is. For an ES module that is its namespace, where the default export is one property among others: PM2 finds no apps in it and says \"No script path - aborting\". Nothing starts.",
		Fix:    "Export the list by name: `export const apps = [...]`; or make it CommonJS in a *.config.cjs file.",
		Source: "lib/API.js:947; github.com/Unitech/pm2/issues/4540",
		File: func(s *Subject) []Finding {
			if !s.Default || s.Dialect == ecosystem.App { // L004 says that PM2 reads nothing of it
				return nil
			}
			return listOne(s.report("default", "The file has a default export only: PM2 sees an app without a script."))
		},
	}
}
