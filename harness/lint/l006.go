package lint

import (
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func l006() Rule {
	return Rule{
		ID: "L006", Severity: Error,
		Title:  "a module that is not there when the file is loaded",
		Why:    "What the configuration requires has to be installed where pm2 is called, before any app is started; where it is not, PM2 cannot load the file and touches no app. A package that is there on a developer's machine by chance is not there on the host.",
		Fix:    "Put the package among the dependencies, or do without. In place of dotenv, Node reads a file of variables into the configuration by itself: process.loadEnvFile(__dirname + \"/.env\"), from 20.12 on.",
		Source: "lib/Common.js:301",
		File: func(s *Subject) []Finding {
			out := s.failed(ecosystem.MissingModule)
			if len(out) > 0 && strings.HasPrefix(s.Loaded.Failure.Module, ".") {
				out[0] = out[0].fix("Mend the path, or put the file where it is looked for, from the directory of %s.", base(s.Path))
			}
			return out
		},
	}
}
