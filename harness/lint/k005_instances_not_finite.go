package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func k005() Rule {
	return Rule{
		ID: "K005", Severity: Error,
		Title:  "instances is no finite number: the daemon dies of it",
		Why:    "A number that is none, such as Number(process.env.UNSET), passes PM2's checks and throws in the daemon (\"Invalid array length\"), which goes down with every app that it runs. Where it can bring itself back, an unrelated app with two workers lost 22 of 400 requests; where it cannot, all apps were gone for good. `pm2 start` itself hangs. The same on 5.4.3 and 6.0.14.",
		Fix:    "Make sure of the number: Number(process.env.X) || 2.",
		Source: "lib/God.js:138, lib/Daemon.js:38",
		Apps: func(a App) []Finding {
			n := a.Ready.Get("instances")
			if !n.Is(ecosystem.Number) || ecosystem.Workers(n, a.of.Target) > 0 {
				return nil
			}
			return listOne(a.report("instances", "instances is %s: PM2's daemon throws, and every app on the host goes down with it.", n.Inspect()))
		},
	}
}
