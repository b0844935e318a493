package lint

import "strings"

func p009() Rule {
	return Rule{
		ID: "P009", Severity: Error,
		Title:  "~ or $HOME in a path, which PM2 takes for a directory of that name",
		Why:    "The shell replaces ~ by the home directory; PM2 does so for log and pid files only. In cwd, script and interpreter it is a name like any other, as $HOME is, so that PM2 finds no script (\"Script not found: /srv/~/app/server.js\") or no interpreter, and skips the app.",
		Fix:    "An absolute path, or in a JavaScript file: require('os').homedir() + \"/app\".",
		Source: "lib/Common.js:118, lib/Common.js:232",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, key := range []string{"cwd", "script", "exec_interpreter"} {
				v := a.getText(key)
				if name := findUnexpanded(v); a.Rejected == nil && name != "" {
					out = append(out, a.report(key, "PM2 looks for %s in a directory that is called %s.", v, name))
				}
			}
			for _, o := range listLoaded(a.Plan.NodeArgs) {
				if name := findUnexpanded(o.value); name != "" {
					out = append(out, a.report("node_args", "Node looks for %s in a directory that is called %s, and ends.", o.value, name))
				}
			}
			for key, list := range map[string][]string{"args": a.listTexts("args"), "watch": a.listTexts("watch"), "ignore_watch": a.listTexts("ignore_watch")} {
				for _, v := range list {
					_, value, joined := strings.Cut(v, "=")
					if name := findUnexpanded(v); name != "" || joined && findUnexpanded(value) != "" {
						out = append(out, a.report(key, "No shell replaces the beginning of %s: the app gets it as it stands.", v).setSeverity(Warning))
						break
					}
				}
			}
			return out
		},
	}
}

// findUnexpanded returns the beginning of a path that a shell would replace, "" if it has
// none.
func findUnexpanded(v string) string {
	for _, name := range []string{"~", "$HOME", "${HOME}"} {
		if v == name || strings.HasPrefix(v, name+"/") {
			return name
		}
	}
	return ""
}
