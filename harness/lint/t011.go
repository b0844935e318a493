package lint

func t011() Rule {
	return Rule{
		ID: "T011", Severity: Error,
		Title:  "shutdown_with_message in cluster mode",
		Why:    "A reload renames the old worker before it stops it, and looks for it by its old name when it sends the message: none arrives, and SIGINT does. An app that waits for the message alone dies of the signal with its requests. `pm2 restart` does send it, so that trying it out shows nothing.",
		Fix:    "Handle SIGINT, also.",
		Source: "lib/God/Methods.js:222, lib/God/Reload.js:160",
		Apps: func(a App) []Finding {
			if !a.Plan.Cluster || !a.is("shutdown_with_message") {
				return nil
			}
			return one(a.says("shutdown_with_message", "A reload sends no message, it sends SIGINT."))
		},
	}
}
