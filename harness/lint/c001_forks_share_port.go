package lint

func c001() Rule {
	return Rule{
		ID: "C001", Severity: Error,
		Title:  "several processes in fork mode",
		Why:    "Workers share a port in cluster mode only. In fork mode each process opens it for itself: the first gets it, the second dies with EADDRINUSE until PM2 gives it up, and `pm2 start` reports success (exit code 0). A reload of fork mode is a restart: each process is stopped before its successor starts.",
		Fix:    "exec_mode: \"cluster\", for what Node runs; or a port for each, by increment_var.",
		Source: "lib/God/ForkMode.js, lib/God/Reload.js",
		Apps: func(a App) []Finding {
			if a.Plan.Cluster || a.Plan.Workers < 2 {
				return nil
			}
			if a.getText("increment_var") != "" {
				return listOne(a.report("instances", "In fork mode a reload stops each of the %d processes before its successor starts: its port is closed meanwhile.", a.Plan.Workers).setSeverity(Info).
					setFix("Have what balances the load try the next port; or exec_mode: \"cluster\" on one port."))
			}
			f := a.report("instances", "%d processes in fork mode share no port: all but the first that listens on it die.", a.Plan.Workers)
			if better := a.describeSharing(); better != "" {
				f = f.setFix("%s", better)
			}
			switch {
			case a.isPortless():
				f = f.setSeverity(Info).setFix("Nothing, if the app opens no port, as its name says.")
			case a.findPort() != "":
			case a.Plan.OnNode() || a.Plan.Launcher != "":
				f = f.setSeverity(Warning)
			default:
				f = f.setSeverity(Info)
			}
			return listOne(f)
		},
	}
}

// describeSharing says how several processes of an app that Node does not run may serve,
// "" if cluster mode is the answer.
func (a App) describeSharing() string {
	const each = "One process; or a port for each by increment_var, with something in front that balances the load."
	switch by := getBase(a.Plan.Interpreter); {
	case a.Plan.Launcher != "":
		return "Point script at the JavaScript file that listens, with exec_mode: \"cluster\"; or one process."
	case by == "bun":
		return each + " Bun shares a port between processes that ask for it: Bun.serve({ reusePort: true })."
	case !a.Plan.OnNode():
		return each + " PM2's cluster mode is for what Node runs."
	}
	return ""
}

// findPort returns the port that the app is told to listen on, "" if the file says none.
func (a App) findPort() string {
	if v := a.getRaw("port"); !v.Missing() {
		return v.String()
	}
	if v := a.buildEnv().Get("PORT"); !v.Missing() {
		return v.String()
	}
	return ""
}
