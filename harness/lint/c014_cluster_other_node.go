package lint

import "strings"

func c014() Rule {
	return Rule{
		ID: "C014", Severity: Warning,
		Title:  "another Node in cluster mode, which is not asked",
		Why:    "A worker of a cluster is a copy of the daemon's process: it runs on the Node that the daemon runs on. PM2 checks that the interpreter is there, shows it in `pm2 show`, and does not use it.",
		Fix:    "Call pm2 (and so start its daemon) with that Node, and remove interpreter; or exec_mode: \"fork\".",
		Source: "lib/God/ClusterMode.js:57",
		Apps: func(a App) []Finding {
			by := a.getText("exec_interpreter")
			if !a.Plan.Cluster || !strings.Contains(by, "/") || !strings.HasSuffix(getBase(by), "node") || strings.HasSuffix(getBase(by), "ts-node") {
				return nil
			}
			return listOne(a.report("exec_interpreter", "In cluster mode the workers run on the daemon's Node, and not on %s.", by))
		},
	}
}
