package lint

import "regexp"

func t016() Rule {
	return Rule{
		ID: "T016", Severity: Warning,
		Title:  "shutdown_with_message to a process that does not hear it",
		Why:    "With shutdown_with_message PM2 sends the message \"shutdown\" in the place of the signal, waits for kill_timeout, and kills the process. Python and the like, and npm before the server, do nothing with the message (what a shell starts gets it); an app that waits for SIGINT or SIGTERM never gets one. On PM2 7.0.4 an app with a handler of SIGINT was killed after kill_timeout without a word.",
		Fix:    "Remove shutdown_with_message; or end the app on process.on('message', m => m === 'shutdown'), too.",
		Source: "lib/God/Methods.js:222",
		Apps: func(a App) []Finding {
			if a.Rejected != nil || !a.is("shutdown_with_message") {
				return nil
			}
			if deaf := a.findDeaf(); deaf != "" {
				return listOne(a.report("shutdown_with_message", "PM2 sends a message and no signal, and %s: it is killed after %.0f ms.", deaf, a.getNumberOr("kill_timeout", 1600)))
			}
			return nil
		},
	}
}

// findDeaf says why the process that PM2 starts does nothing with a message; "" if it may
// do something.
func (a App) findDeaf() string {
	by := getBase(a.Plan.Interpreter)
	switch {
	case relays.MatchString(a.Plan.Launcher):
		return a.Plan.Launcher + " does not pass it on"
	case !a.Plan.OnNode() && !a.Plan.Program() && interpreters.MatchString(by):
		return by + " has no handler of it"
	case a.Plan.OnNode() && (a.handles("SIGINT") || a.handles("SIGTERM")) && !a.handles("'message'") && !a.handles(`"message"`):
		return "the app's script waits for signals only"
	}
	return ""
}

// relays are launchers that start the server as their child without the channel of PM2's
// messages;
// interpreters are programs for which Node's messages mean nothing.
var (
	relays       = regexp.MustCompile(`^(npm|npx|yarn|yarnpkg|pnpm|pnpx|corepack)$`)
	interpreters = regexp.MustCompile(`^(python[\d.]*|ruby|php[\d.]*|perl)$`)
)
