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
			if a.text("increment_var") != "" {
				return one(a.says("instances", "In fork mode a reload stops each of the %d processes before its successor starts: its port is closed meanwhile.", a.Plan.Workers).as(Info).
					fix("Have what balances the load try the next port; or exec_mode: \"cluster\" on one port."))
			}
			f := a.says("instances", "%d processes in fork mode share no port: all but the first that listens on it die.", a.Plan.Workers)
			if better := a.sharing(); better != "" {
				f = f.fix("%s", better)
			}
			switch {
			case a.port() != "":
			case a.Plan.OnNode() || a.Plan.Launcher != "":
				f = f.as(Warning)
			default:
				f = f.as(Info)
			}
			return one(f)
		},
	}
}

// sharing says how several processes of an app that Node does not run may serve, ""
// if cluster mode is the answer.
func (a App) sharing() string {
	const each = "One process; or a port for each by increment_var, with something in front that balances the load."
	switch by := base(a.Plan.Interpreter); {
	case a.Plan.Launcher != "":
		return "Point script at the JavaScript file that listens, with exec_mode: \"cluster\"; or one process."
	case by == "bun":
		return each + " Bun shares a port between processes that ask for it: Bun.serve({ reusePort: true })."
	case !a.Plan.OnNode():
		return each + " PM2's cluster mode is for what Node runs."
	}
	return ""
}

// port is the port that the app is told to listen on, "" if the file says none.
func (a App) port() string {
	if v := a.raw("port"); !v.Missing() {
		return v.String()
	}
	if v := a.env().Get("PORT"); !v.Missing() {
		return v.String()
	}
	return ""
}
