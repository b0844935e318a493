package lint

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func l001() Rule {
	return Rule{
		ID: "L001", Severity: Error,
		Title:  "the file throws when it is loaded",
		Why:    "PM2 loads the file on every start, restart, reload and stop of it. When that fails it prints \"malformated\" and a stack, exits with 1, and touches no app: a reload that was to bring a fix in does nothing. So it is with a package.json beside it that Node cannot read: up to Node 21 any that is no JSON, later one whose outermost object is none.",
		Fix:    "Mend the error that is shown.",
		Source: "lib/API.js:930, lib/Common.js:279",
		File: func(s *Subject) []Finding {
			out := s.reportFailure(ecosystem.Syntax, ecosystem.Thrown, ecosystem.TooSlow, ecosystem.TooLarge)
			if len(out) > 0 && s.Dialect == ecosystem.Module && json.Valid(s.Source) {
				out[0] = out[0].setFix("The text is JSON: call the file %s, or write module.exports = before it.", strings.TrimSuffix(getBase(s.Path), filepath.Ext(s.Path))+".json")
			}
			if len(out) > 0 && unreadable.MatchString(out[0].Message) {
				out[0] = out[0].setFix("Mend package.json, without which Node loads neither this file nor a .js file of the app.")
			}
			return out
		},
	}
}

// unreadable is what Node says of a package.json that it cannot read.
var unreadable = regexp.MustCompile(`Error parsing .*package\.json: |Invalid package config `)

// reportFailure returns the file's failure to load, if it is of one of the classes.
func (s *Subject) reportFailure(classes ...ecosystem.Class) []Finding {
	f := s.Loaded.Failure
	if f == nil || s.Dialect == ecosystem.App {
		return nil // PM2 does not load an app as a configuration: L004 says so
	}
	for _, c := range classes {
		if f.Class == c {
			out := s.report("", "%s", f.Message)
			out.Line, out.Col, out.Width = f.Line, f.Col, 1
			return listOne(out)
		}
	}
	return nil
}
