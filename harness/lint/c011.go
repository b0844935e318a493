package lint

func c011() Rule {
	return Rule{
		ID: "C011", Severity: Error,
		Title:  "watch in production",
		Why:    "Every file that changes below the app restarts it, by force and all workers at once: an upload, a log, a lock file, each step of a deployment. An app that wrote its own log restarted itself 11 times in 10 s.",
		Fix:    "watch: false; reload after a deployment.",
		Source: "lib/Watcher.js:38",
		Apps: func(a App) []Finding {
			if !a.watched() || len(k012().Apps(a)) > 0 {
				return nil
			}
			f := a.says("watch", "Any file that changes restarts all workers at once.")
			if !a.production() {
				f = f.as(Warning)
			}
			return one(f)
		},
	}
}
