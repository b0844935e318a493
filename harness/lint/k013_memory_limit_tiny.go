package lint

func k013() Rule {
	return Rule{
		ID: "K013", Severity: Error,
		Title:  "max_memory_restart below 1 MiB: the app is reloaded for ever",
		Why:    "A number without a letter is bytes. Every Node process is larger than that, so that PM2 reloads the app at each look, every 30 s by default; with a look every 2 s, 13 reloads in 12 s were seen.",
		Fix:    "Write the unit: \"512M\".",
		Source: "lib/Worker.js:89",
		Apps: func(a App) []Finding {
			n, ok := a.getNumber("max_memory_restart")
			if !ok || n <= 0 || n >= 1<<20 {
				return nil
			}
			return listOne(a.report("max_memory_restart", "%s bytes are less than any process of Node's has: PM2 reloads the app at every look.", a.Ready.Get("max_memory_restart").Inspect()))
		},
	}
}
