package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func c010() Rule {
	return Rule{
		ID: "C010", Severity: Warning,
		Title:  "as many workers as the host has cores, whatever the container may use",
		Why:    "PM2 counts os.cpus(), which lists every core of the host: neither a container's quota nor its set of cores changes that. A container that may use one core of sixty-four gets sixty-four workers, each with a heap. On a machine that the app has for itself the setting is what it says. The flag --target runtime decides, or a Dockerfile that calls pm2.",
		Fix:    "Write the number; a JavaScript file may compute it: require('os').availableParallelism().",
		Source: "lib/God.js:18; github.com/Unitech/pm2/issues/4347",
		Apps: func(a App) []Finding {
			n := a.Ready.Get("instances")
			if !n.Is(ecosystem.Number) || n.Num > 0 || ecosystem.Workers(n, a.of.Target) == 0 || len(k003().Apps(a)) > 0 {
				return nil
			}
			f := a.report("instances", "instances: %s is a worker for each core of the host: %d on the target.", a.getRaw("instances").Inspect(), a.Plan.Workers)
			number := "write the number"
			if a.of.Dialect == ecosystem.Module {
				number += ", or have the file compute it: require('os').availableParallelism()"
			}
			if !a.of.isContained() {
				return listOne(f.setSeverity(Info).setFix("Nothing, on a machine of its own; in a container (--target runtime) %s.", number))
			}
			return listOne(f)
		},
	}
}
