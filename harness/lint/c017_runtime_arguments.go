package lint

import (
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func c017() Rule {
	return Rule{
		ID: "C017", Severity: Error,
		Title:  "arguments of pm2-runtime before those of the app",
		Why:    "Under pm2-runtime and `pm2 start --no-daemon` PM2's daemon is the process of that command, and a worker of a cluster inherits its arguments: an app with args: \"serve\" that was started by `pm2-runtime start ecosystem.config.js --env production` finds start, ecosystem.config.js, --env, production, serve. `next start` then takes ecosystem.config.js for its folder and ends. A daemon in the background has no arguments, and fork mode hands none on. The same on 5.4.3, 6.0.14 and 7.0.4. The flag --target runtime decides.",
		Fix:    "Tell the app in env what it reads from args; or exec_mode: \"fork\".",
		Source: "lib/Client.js:66, lib/ProcessContainer.js:77; nodejs.org/api/cluster.html (cluster.settings)",
		Apps: func(a App) []Finding {
			args := a.listTexts("args")
			if !a.Plan.Cluster || len(args) == 0 || a.Plan.Launcher != "" {
				return nil
			}
			route := a.of.Target
			why, inFront := a.of.isRuntime()
			if !inFront && route.Route != "" && route.Route != ecosystem.ByCommand {
				return nil
			}
			route.Route = ecosystem.Runtime
			before := strings.Join(route.DaemonArgs(getBase(a.of.Path)), " ")
			positional := !strings.HasPrefix(args[0], "-")
			switch {
			case inFront && positional:
				return listOne(a.of.limitSeverity(a.report("args", "The workers find %s before these arguments (%s).", before, why)))
			case inFront:
				return listOne(a.report("args", "The workers find %s before these arguments (%s), which a parser of options mostly ignores.", before, why).setSeverity(Info))
			case positional:
				return listOne(a.report("args", "Under pm2-runtime or --no-daemon the workers would find %s before these arguments: --target runtime makes an error of it.", before).setSeverity(Info).
					setFix("Nothing, where pm2 runs in the background; else: tell the app in env what it reads from args, or exec_mode: \"fork\"."))
			}
			return nil
		},
	}
}
