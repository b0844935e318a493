package lint

func x001() Rule {
	return Rule{
		ID: "X001", Severity: Error,
		Title:  "an ignore comment that cannot be followed",
		Why:    "A comment that asks for findings to be left out needs the ids of rules that there are, and a reason: whoever reads the file next must be able to tell whether it still holds.",
		Fix:    "// pm2drill-ignore-next-line C007 -- why it is right here",
		Source: "pm2drill",
	}
}
