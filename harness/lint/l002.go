package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func l002() Rule {
	return Rule{
		ID: "L002", Severity: Error,
		Title:  "CommonJS in a file that Node takes for an ES module",
		Why:    "The nearest package.json says \"type\": \"module\", so that Node loads a .js file as an ES module, in which there is no `module` and no `require`. PM2 cannot load the file at all. Ten of 204 configurations found in public repositories were in this state, some right after \"type\" had been added for the app's sake.",
		Fix:    "Rename the file to *.config.cjs.",
		Source: "nodejs.org/api/packages.html, \"Determining module system\"",
		File: func(s *Subject) []Finding {
			out := s.failed(ecosystem.CommonJSInESM)
			for i := range out {
				out[i] = out[i].fix("Rename the file to %s.", renamed(s.Path, ".cjs"))
			}
			return out
		},
	}
}
