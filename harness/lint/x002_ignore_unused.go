package lint

func x002() Rule {
	return Rule{
		ID: "X002", Severity: Warning,
		Title:  "an ignore comment that leaves nothing out",
		Why:    "What the comment was there for is gone, or it never hit. Left as it is, it would hide the next such finding.",
		Fix:    "Remove it.",
		Source: "pm2drill",
	}
}
