package lint

import "strings"

func p011() Rule {
	return Rule{
		ID: "P011", Severity: Error,
		Title:  "TypeScript that the target's PM2 does not start",
		Why:    "PM2 7.0.4 runs a .ts file by bun if that is on PATH, else by Node 22.6 or newer; with an older Node it prints an error and skips the app. PM2 before 7.0.4 knows bun alone, and bun alone runs .tsx: without it on PATH the app is skipped (\"Interpreter bun is NOT AVAILABLE in PATH\"). The other apps of the file start, and the exit code is 1.",
		Fix:    "Compile it; or interpreter: \"node_modules/.bin/tsx\" in fork mode.",
		Source: "lib/Common.js:426 and 478, lib/tools/typestrip.js",
		Apps: func(a App) []Finding {
			by := a.Plan.Interpreter
			if a.Rejected != nil || by != "bun" || a.has("exec_interpreter") {
				return nil
			}
			t := a.of.Target
			if a.Plan.Refused == "" {
				return listOne(a.report("script", "PM2 %s runs %s by bun: it must be on the host's PATH.", t.PM2, getBase(a.getScript())).setSeverity(Info))
			}
			return listOne(a.report("script", "PM2 %s does not start %s on Node %s, unless bun is on the host's PATH: %s.", t.PM2, getBase(a.getScript()), t.Node, strings.TrimSuffix(a.Plan.Refused, ".")))
		},
	}
}
