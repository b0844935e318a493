package lint

func p007() Rule {
	return Rule{
		ID: "P007", Severity: Info,
		Title:  "time: true, which overrides log_date_format",
		Why:    "time sets the format to YYYY-MM-DDTHH:mm:ss, whatever log_date_format says.",
		Fix:    "Keep one of them.",
		Source: "lib/Common.js:769",
		Apps: func(a App) []Finding {
			if !a.getRaw("time").Truthy() || !a.getRaw("log_date_format").Truthy() {
				return nil
			}
			return listOne(a.report("log_date_format", "The format has no effect beside time: true.").setEdit(Edit{Remove: true}))
		},
	}
}
