package lint

func p013() Rule {
	return Rule{
		ID: "P013", Severity: Warning,
		Title:  "node_args that do not reach the server",
		Why:    "PM2 puts node_args between the interpreter and the script that it starts itself. A program (bash for a script with a space in it, serve, a binary) has no interpreter: they are dropped. npm, yarn and the like get them, and start the server without them.",
		Fix:    "env: { NODE_OPTIONS: \"...\" }, which every Node below inherits; or point script at the file that listens.",
		Source: "lib/God/ForkMode.js:46, lib/Common.js:744",
		Apps: func(a App) []Finding {
			if a.Plan.Cluster || a.Rejected != nil || len(a.listTexts("node_args")) == 0 {
				return nil
			}
			switch {
			case a.Plan.Program() && (!a.Plan.Assumed || programs.MatchString(getBase(a.Plan.Script))):
				return listOne(a.report("node_args", "PM2 starts %s without an interpreter, and drops node_args.", getBase(a.Plan.Script)))
			case a.Plan.OnNode() && a.Plan.Launcher != "":
				return listOne(a.report("node_args", "node_args reach %s, and not the server that it starts.", a.Plan.Launcher))
			}
			return nil
		},
	}
}
