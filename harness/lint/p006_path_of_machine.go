package lint

import "regexp"

func p006() Rule {
	return Rule{
		ID: "P006", Severity: Info,
		Title:  "a path of one machine",
		Why:    "The home directory of a person, or a drive, is elsewhere on the next host: there PM2 does not find the script.",
		Fix:    "__dirname, or a path relative to it.",
		Source: "lib/Common.js:118",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, key := range []string{"cwd", "script"} {
				if v := a.getRaw(key); personal.MatchString(v.Text) && a.isLiteral(v.Text) {
					out = append(out, a.report(key, "%s is %s, which is there on one machine.", key, v.Text))
				}
			}
			return out
		},
	}
}

var personal = regexp.MustCompile(`^(/home/[^/]+|/Users/[^/]+|/root)(/|$)|^[A-Za-z]:[\\/]`)
