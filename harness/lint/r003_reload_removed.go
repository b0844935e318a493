package lint

func r003() Rule {
	return Rule{
		ID: "R003", Severity: Error,
		Title:  "a setting that was taken out of the file and stays in force",
		Why:    "A reload lays what the file says over what the process has. What the file does not say any more, a setting or a variable of the environment, is left as it was. (In fork mode a reload is a restart, and takes variables away.)",
		Fix:    "Say it: the default's value, or an empty variable; or pm2 delete APP and pm2 start FILE --only APP.",
		Source: "lib/God/Methods.js",
	}
}
