package lint

import (
	"encoding/json"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func l008() Rule {
	return Rule{
		ID: "L008", Severity: Info,
		Title:  "a .json file that is no JSON",
		Why:    "PM2 does not parse a .json file, it evaluates it as JavaScript, in its own process and without a limit of time. Comments and trailing commas work for that reason; so does code. No other tool can read the file.",
		Fix:    "Make it JSON, or rename it to *.config.cjs.",
		Source: "lib/Common.js:287",
		File: func(s *Subject) []Finding {
			if s.Dialect != ecosystem.JSON || s.Loaded.Failure != nil || json.Valid(s.Source) {
				return nil
			}
			return listOne(s.report("", "PM2 evaluates this file; a JSON parser refuses it."))
		},
	}
}
