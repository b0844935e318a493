package lint

import (
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func k007() Rule {
	return Rule{
		ID: "K007", Severity: Warning,
		Title:  "an environment that is text",
		Why:    "PM2's schema lets env_NAME be text, and Object.assign then lays its letters, one by one, into the app's environment under the names 0, 1, 2. None of the variables in it is set.",
		Fix:    "Write an object: { NAME: \"value\" }.",
		Source: "lib/API/schema.json, lib/Common.js:643",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, f := range a.Raw.Fields {
				if strings.HasPrefix(f.Key, ecosystem.EnvPrefix) && f.Key != "env_file" && f.Value.Is(ecosystem.String) {
					out = append(out, a.report(f.Key, "%s is text: it sets no variable.", f.Key))
				}
			}
			return out
		},
	}
}
