package lint

import (
	"regexp"
	"strings"
)

func c004() Rule {
	return Rule{
		ID: "C004", Severity: Error,
		Title:  "cluster mode around a launcher",
		Why:    "npm, yarn, npx and their like start the server as a process of their own, which knows nothing of PM2's cluster. With several workers the first one's server takes the port and the others' die and are restarted for ever, all of it online in `pm2 ls`; a signal ends the launcher, and not always the server.",
		Fix:    "Point script at the JavaScript file that listens, such as node_modules/next/dist/bin/next with args: \"start\".",
		Source: "lib/God/ClusterMode.js:54",
		Apps: func(a App) []Finding {
			if !a.Plan.Cluster || !launcher.MatchString(strings.ToLower(a.script())) {
				return nil
			}
			f := a.says("script", "%s starts the server as a process of its own, with which PM2's workers share no port.", base(a.script()))
			if a.Plan.Workers < 2 {
				f = f.as(Warning)
			}
			return one(f)
		},
	}
}

var launcher = regexp.MustCompile(`(^|/)(npm|npx|yarn|pnpm|bunx|nodemon|ts-node|ts-node-dev|concurrently)(-cli)?(\.c?js|\.cmd)?$|(^|/)\.bin/[^/]+$`)
