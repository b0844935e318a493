package lint

import "slices"

func t015() Rule {
	return Rule{
		ID: "T015", Severity: Error,
		Title:  "pm2-runtime ends, because none of its apps runs",
		Why:    "pm2-runtime looks every 2 s whether an app is online, and ends when it has found none four times in a row. Where all apps are jobs (autorestart: false, autostart: false) the container ends some 14 s after its start (measured on 5.4.3, 6.0.14 and 7.0.4: 15 s), before any cron pattern comes. The flag --target runtime decides.",
		Fix:    "Call pm2-runtime with --no-auto-exit, or have it run an app that serves beside the jobs; or let the host's scheduler start a container for each run.",
		Source: "lib/binaries/Runtime4Docker.js (autoExitWorker)",
		File: func(s *Subject) []Finding {
			why, ok := s.isRuntime()
			if !ok || len(s.Apps) == 0 || s.Rejected != nil || s.Target.Route == "" && s.hasInDockerfile("--no-auto-exit") {
				return nil
			}
			isJob := func(a App) bool {
				return isOff(a, "autorestart") || isOff(a, "autostart")
			}
			scheduled := slices.IndexFunc(s.Apps, App.isScheduled)
			if scheduled < 0 || slices.ContainsFunc(s.Apps, func(a App) bool { return !isJob(a) }) {
				return nil
			}
			return listOne(s.limitSeverity(s.Apps[scheduled].report("cron_restart", "When the first run has ended no app is online: pm2-runtime ends, and the pattern with it (%s).", why)))
		},
	}
}

// isOff reports whether the file says false of the key.
func isOff(a App, key string) bool {
	v := a.Ready.Get(key)
	return !v.Missing() && !v.Truthy()
}
