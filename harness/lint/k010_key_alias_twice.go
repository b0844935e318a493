package lint

import (
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func k010() Rule {
	return Rule{
		ID: "K010", Severity: Warning,
		Title:  "one setting under two names",
		Why:    "A setting and its alias are both there. PM2 takes the setting's own name if its value counts as true, else the first alias that does, and says nothing of the other: whoever edits the one that is not read changes nothing.",
		Fix:    "Keep one of them.",
		Source: "lib/tools/Config.js:99",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, s := range ecosystem.Settings() {
				var names []string
				for _, name := range append([]string{s.Key}, s.AllAliases()...) {
					if a.Raw.Has(name) && !a.Raw.Get(name).Missing() {
						names = append(names, name)
					}
				}
				if len(names) < 2 || s.Key == "script" {
					continue
				}
				wins := names[0]
				for i := len(names) - 1; i >= 0; i-- {
					if a.Raw.Get(names[i]).Truthy() {
						wins = names[i]
					}
				}
				f := a.report(names[len(names)-1], "%s are one setting: PM2 takes %s.", strings.Join(names, " and "), wins)
				out = append(out, f)
			}
			return out
		},
	}
}
