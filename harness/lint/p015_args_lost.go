package lint

import "strings"

func p015() Rule {
	return Rule{
		ID: "P015", Severity: Warning,
		Title:  "args beside a script with a space in it",
		Why:    "PM2 takes a script with a space for a command line: it runs bash -c with the script, and puts that in the place of args. An app with script: \"node server.js\" and args: \"--port 5001\" got no argument, on PM2 7.0.4.",
		Fix:    "Put all of the command into script; or only the file into script, and the rest into args.",
		Source: "lib/Common.js:744",
		Apps: func(a App) []Finding {
			given := a.getRaw("args").Truthy() && len(a.listTexts("args")) > 0
			if a.Rejected != nil || !given || !strings.Contains(a.getScript(), " ") {
				return nil
			}
			return listOne(a.report("args", "The script has a space: PM2 runs it by bash -c, and drops args."))
		},
	}
}
