package lint

func t004() Rule {
	return Rule{
		ID: "T004", Severity: Warning,
		Title:  "restart_delay, which exp_backoff_restart_delay overrides",
		Why:    "PM2 sets the delay by restart_delay, and then again by exp_backoff_restart_delay if that is given: the first has no effect.",
		Fix:    "Keep one of them.",
		Source: "lib/God.js:512",
		Apps: func(a App) []Finding {
			_, fixed := a.getNumber("restart_delay")
			_, growing := a.getNumber("exp_backoff_restart_delay")
			if !fixed || !growing {
				return nil
			}
			return listOne(a.report("restart_delay", "restart_delay has no effect beside exp_backoff_restart_delay.").setEdit(Edit{Remove: true}))
		},
	}
}
