package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func l010() Rule {
	return Rule{
		ID: "L010", Severity: Error,
		Title:  "an ES module, and a Node that cannot require one",
		Why:    "PM2 loads a configuration by require(). Node can do that with an ES module from 20.19 and 22.12 on; an older one throws ERR_REQUIRE_ESM, and nothing starts.",
		Fix:    "Write it as CommonJS in a *.config.cjs file, which every Node loads.",
		Source: "lib/Common.js:301; nodejs.org/api/modules.html",
		File: func(s *Subject) []Finding {
			return s.reportFailure(ecosystem.ESMRequired)
		},
	}
}
