package lint

import "strings"

func p009() Rule {
	return Rule{
		ID: "P009", Severity: Error,
		Title:  "~ in a path, which PM2 takes for a directory of that name",
		Why:    "The shell replaces ~ by the home directory; PM2 does so for log and pid files only. In cwd, script and interpreter it is a name like any other, so that PM2 finds no script (\"Script not found: /srv/~/app/server.js\") or no interpreter, and skips the app.",
		Fix:    "An absolute path, or in a JavaScript file: require('os').homedir() + \"/app\".",
		Source: "lib/Common.js:118, lib/Common.js:232",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, key := range []string{"cwd", "script", "exec_interpreter"} {
				v := a.text(key)
				if a.Rejected == nil && (v == "~" || strings.HasPrefix(v, "~/")) {
					out = append(out, a.says(key, "PM2 looks for %s in a directory that is called ~.", v))
				}
			}
			return out
		},
	}
}
