package lint

func c004() Rule {
	return Rule{
		ID: "C004", Severity: Error,
		Title:  "cluster mode around a launcher",
		Why:    "npm, yarn, npx, tsx and their like start the server as a process of their own, which knows nothing of PM2's cluster. With several workers the first one's server takes the port and the others' die and are restarted for ever, all of it online in `pm2 ls`; PM2 measures the memory of the launcher.",
		Fix:    "Point script at the JavaScript file that listens, such as node_modules/next/dist/bin/next with args: \"start\".",
		Source: "lib/God/ClusterMode.js:54",
		Apps: func(a App) []Finding {
			if !a.Plan.Cluster || a.Plan.Launcher == "" || len(c003().Apps(a))+len(c005().Apps(a))+len(p010().Apps(a)) > 0 {
				return nil
			}
			f := a.report("script", "%s starts the server as a process of its own, with which PM2's workers share no port.", a.Plan.Launcher)
			if a.Plan.Launcher == "tsx" {
				f = f.setFix("Point script at the TypeScript file, with node_args: [`--import=${require.resolve('tsx')}`].")
			}
			switch {
			case a.Plan.Workers < 2 && a.isDevelopment():
				f = f.setSeverity(Info)
			case a.Plan.Workers < 2:
				f = f.setSeverity(Warning)
			}
			return listOne(f)
		},
	}
}
