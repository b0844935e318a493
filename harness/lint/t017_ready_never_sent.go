package lint

import "regexp"

func t017() Rule {
	return Rule{
		ID: "T017", Severity: Warning,
		Title:  "wait_ready, and nothing that sends \"ready\"",
		Why:    "With wait_ready PM2 waits at each start, and at each worker of a reload, for process.send('ready') until listen_timeout (3000 ms if nothing is said), and then takes the app for ready whether it is or not. Next, Vite, Nuxt and serve do not send it; npm, yarn and pnpm start the server without the channel; Python and the like have none. On PM2 7.0.4 the start of an app behind npm that did send it took all of listen_timeout.",
		Fix:    "Remove wait_ready; or point script at a file of the app that calls process.send('ready').",
		Source: "lib/God.js:384, lib/God/Reload.js:291",
		Apps: func(a App) []Finding {
			if a.Rejected != nil || !a.is("wait_ready") {
				return nil
			}
			if mute := a.findMute(); mute != "" {
				return listOne(a.report("wait_ready", "PM2 waits %.0f ms at each start for a message that does not come: %s.", a.getNumberOr("listen_timeout", 3000), mute))
			}
			return nil
		},
	}
}

// findMute says why no "ready" of the app reaches PM2; "" if one may.
func (a App) findMute() string {
	by := getBase(a.Plan.Interpreter)
	switch server := frameworks.FindString(a.getScript()); {
	case relays.MatchString(a.Plan.Launcher):
		return a.Plan.Launcher + " starts the server without the channel for it"
	case !a.Plan.Cluster && interpreters.MatchString(by):
		return by + " has no process.send"
	case server != "":
		return server + " does not send it"
	}
	return ""
}

// frameworks are scripts of servers that send PM2 nothing.
var frameworks = regexp.MustCompile(`(^|/)node_modules/(next/dist/bin/next|\.bin/(next|vite|serve)|vite/bin/vite\.js)$|(^|/)\.output/server/index\.mjs$|(^|/)\.next/standalone/server\.js$|^serve$`)
