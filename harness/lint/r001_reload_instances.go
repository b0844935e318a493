package lint

func r001() Rule {
	return Rule{
		ID: "R001", Severity: Error,
		Title:  "instances, which a reload does not apply",
		Why:    "`pm2 reload FILE` writes the new number into the process's record, where `pm2 ls` and a dump have it, and starts or stops no worker: with 3 in the file, 2 ran on. PM2's maintainers say that it is not meant to.",
		Fix:    "pm2 scale APP N, which drops nothing if the app ends its requests at SIGINT.",
		Source: "github.com/Unitech/pm2/issues/3218",
	}
}
