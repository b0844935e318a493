package lint

func t009() Rule {
	return Rule{
		ID: "T009", Severity: Info,
		Title:  "a reload may take longer than its lock",
		Why:    "A reload holds a lock for 30 s, which keeps a second one out. Workers are replaced two at a time (PM2_CONCURRENT_ACTIONS), or one after the other where there are only two, each within listen_timeout and kill_timeout at worst: where that is longer, a second reload begins in the middle of the first.",
		Fix:    "Set PM2_RELOAD_LOCK_TIMEOUT (ms) where pm2 is called, or lower the timeouts.",
		Source: "lib/Common.js:67, constants.js:81 and 90, lib/API.js:1346",
		Apps: func(a App) []Finding {
			if !a.hasManyWorkers() {
				return nil
			}
			worst := float64(a.countRounds()) * (a.getNumberOr("listen_timeout", 3000) + a.getNumberOr("kill_timeout", 1600))
			if worst <= 30000 {
				return nil
			}
			key := "listen_timeout"
			if !a.has(key) {
				key = "kill_timeout"
			}
			if !a.has(key) {
				key = "instances"
			}
			return listOne(a.report(key, "At worst a reload of %d workers, %d at a time, takes %.0f s; its lock lasts 30.", a.Plan.Workers, a.countAtOnce(), worst/1e3))
		},
	}
}
