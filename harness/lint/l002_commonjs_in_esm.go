package lint

import (
	"regexp"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// declares is a declaration of what CommonJS has declared already.
var declares = regexp.MustCompile(`(?m)^\s*(?:const|let|class)\s+(require|module|exports|__filename|__dirname)\b`)

func l002() Rule {
	return Rule{
		ID: "L002", Severity: Error,
		Title:  "CommonJS in a file that Node takes for an ES module",
		Why:    "The nearest package.json says \"type\": \"module\", so that Node loads a .js file as an ES module, in which there is no `module` and no `require`; or the file declares one of the names that CommonJS has already (const __dirname = ...), by which Node 20.19 and later know an ES module, too. PM2 cannot load the file at all. Ten of 204 configurations found in public repositories were in this state, some right after \"type\" had been added for the app's sake.",
		Fix:    "Rename the file to *.config.cjs.",
		Source: "nodejs.org/api/packages.html, \"Determining module system\"",
		File: func(s *Subject) []Finding {
			out := s.reportFailure(ecosystem.CommonJSInESM)
			own := declares.FindStringSubmatch(string(s.Source))
			for i := range out {
				if own != nil {
					out[i] = out[i].setFix("Take out the declaration of %s: CommonJS has it already, and Node takes the file for an ES module by it.", own[1])
					continue
				}
				out[i] = out[i].setFix("Rename the file to %s.", buildConfigName(s.Path, ".cjs"))
			}
			return out
		},
	}
}
