package lint

func c007() Rule {
	return Rule{
		ID: "C007", Severity: Error,
		Title:  "cron_restart with several workers: all go in the same second",
		Why:    "Each worker has a timer of its own for the same pattern, and it restarts that worker by force; no worker waits for another. For as long as the app takes to boot nobody serves: 34 of 260 requests failed at one such restart of two workers.",
		Fix:    "Take cron_restart out, and call `pm2 reload APP` from cron or a systemd timer.",
		Source: "lib/Worker.js:37",
		Apps: func(a App) []Finding {
			v := a.Ready.Get("cron_restart")
			if a.Plan.Workers < 2 || !v.Truthy() || v.String() == "0" {
				return nil
			}
			return listOne(a.report("cron_restart", "All %d workers are restarted in the same second: until one has booted, requests are refused.", a.Plan.Workers))
		},
	}
}
