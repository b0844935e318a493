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
			out := s.reportFailure(ecosystem.MissingModule)
			if len(out) == 0 || !strings.HasPrefix(s.Loaded.Failure.Module, ".") {
				return out
			}
			if s.fromRoot() {
				out[0] = out[0].setSeverity(Warning).setFix("Nothing, if the file is copied to %s before pm2 is called, from where %s is there; else mend the path.", s.findTop(), s.Loaded.Failure.Module)
			} else {
				out[0] = out[0].setFix("Mend the path, or put the file where it is looked for, from the directory of %s.", getBase(s.Path))
			}
			return out
		},
	}
}

// fromRoot reports whether a module that the file does not find is there as seen from the
// project's root: the file is meant to be copied there.
func (s *Subject) fromRoot() bool {
	f := s.Loaded.Failure
	if s.Disk == nil || f == nil || f.Class != ecosystem.MissingModule || !strings.HasPrefix(f.Module, ".") || s.findTop() == s.findDir() {
		return false
	}
	for _, ending := range []string{"", ".js", ".cjs", ".json"} {
		if s.hasFile(joinPath(s.findTop(), f.Module) + ending) {
			return true
		}
	}
	return false
}
