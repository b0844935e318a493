package lint

func c001() Rule {
	return Rule{
		ID: "C001", Severity: Error,
		Title:  "several processes in fork mode, one port",
		Why:    "Workers share a port in cluster mode only. In fork mode each process opens it for itself: the first gets it, the second dies with EADDRINUSE until PM2 gives it up, and `pm2 start` reports success (exit code 0).",
		Fix:    "exec_mode: \"cluster\"; or a port for each, by increment_var.",
		Source: "lib/God/ForkMode.js",
		Apps: func(a App) []Finding {
			if a.Plan.Cluster || a.Plan.Workers < 2 || a.text("increment_var") != "" {
				return nil
			}
			f := a.says("instances", "%d processes in fork mode share no port: all but the first that listens on it die.", a.Plan.Workers)
			if a.port() == "" {
				f = f.as(Warning)
			}
			return one(f)
		},
	}
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
