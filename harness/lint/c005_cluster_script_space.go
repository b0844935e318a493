package lint

import "strings"

func c005() Rule {
	return Rule{
		ID: "C005", Severity: Error,
		Title:  "cluster mode and a script with a space in it",
		Why:    "PM2 takes a script with a space for a command line and runs bash -c with it. In cluster mode Node is then given the bash program to load, throws a SyntaxError over it, and is restarted until PM2 gives up.",
		Fix:    "Put the arguments into args, and only the file into script.",
		Source: "lib/Common.js:744",
		Apps: func(a App) []Finding {
			if !a.Plan.Cluster || !strings.Contains(a.getScript(), " ") {
				return nil
			}
			return listOne(a.report("script", "%q has a space: PM2 runs bash, and in cluster mode Node loads bash as JavaScript.", a.getScript()))
		},
	}
}
