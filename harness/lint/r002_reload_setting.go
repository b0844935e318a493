package lint

func r002() Rule {
	return Rule{
		ID: "R002", Severity: Error,
		Title:  "a setting that a reload does not apply",
		Why:    "A running process keeps its script, its mode, its directory and its log files, whatever the file says by now. The reload reports success.",
		Fix:    "pm2 delete APP and pm2 start FILE --only APP: an outage of one boot; or start the new one under another name first, where both are in cluster mode and share the port.",
		Source: "lib/Common.js:654",
	}
}
