package lint

func r004() Rule {
	return Rule{
		ID: "R004", Severity: Error,
		Title:  "a cron pattern that a reload does not apply",
		Why:    "The reload changes the pattern in the record, and the job waits for the old one to fire: that restart, and not the reload, makes it anew. `pm2 restart FILE` does so at once. In fork mode a reload is a restart, and does so, too.",
		Fix:    "pm2 restart FILE --only APP at a quiet hour: it drops requests.",
		Source: "lib/Worker.js:37",
	}
}
