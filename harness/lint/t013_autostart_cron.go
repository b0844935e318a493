package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func t013() Rule {
	return Rule{
		ID: "T013", Severity: Error,
		Title:  "autostart: false, for which cron_restart never starts the app",
		Why:    "At the time of the pattern PM2 restarts the app, and to start it looks at autostart again: with false it only notes the app as stopped. The job never runs, neither by the pattern nor by `pm2 start`: a pattern of every 2 s ran it 0 times in 7 s.",
		Fix:    "Remove autostart, and have the first run at the start of pm2; or call the job from cron or a systemd timer.",
		Source: "lib/God.js:223, lib/Worker.js:48",
		Apps: func(a App) []Finding {
			if v := a.Ready.Get("autostart"); !a.isScheduled() || !v.Is(ecosystem.Bool) || v.True {
				return nil
			}
			return listOne(a.report("autostart", "With autostart: false PM2 never starts the app, not even by cron_restart."))
		},
	}
}
