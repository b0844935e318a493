package lint

func p008() Rule {
	return Rule{
		ID: "P008", Severity: Warning,
		Title:  "a memory limit around a launcher",
		Why:    "PM2 measures the memory of the process that it has started, and of no child. Where that is npm, yarn, a shell or the like, the server may grow as it will: max_memory_restart compares the launcher's memory, which stays the same.",
		Fix:    "Point script at the file that listens; in a shell script, start the server with exec.",
		Source: "lib/God/ActionMethods.js:42, lib/Worker.js:82",
		Apps: func(a App) []Finding {
			if limit, ok := a.getNumber("max_memory_restart"); !ok || limit < 1<<20 || a.Plan.Launcher == "" {
				return nil
			}
			f := a.report("max_memory_restart", "PM2 measures %s, and not the server that it starts: the limit is never reached.", a.Plan.Launcher)
			if a.isDevelopment() {
				f = f.setSeverity(Info)
			}
			return listOne(f)
		},
	}
}
