package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func l005() Rule {
	return Rule{
		ID: "L005", Severity: Error,
		Title:  "a configuration that is not there yet when PM2 looks",
		Why:    "PM2 calls require() and looks at the result in the same breath. A function is not called, a promise is not awaited, and an ES module with top-level await cannot be required at all (ERR_REQUIRE_ASYNC_MODULE).",
		Fix:    "Export a plain object with the apps; fetch nothing and await nothing in it.",
		Source: "lib/Common.js:301, lib/API.js:947",
		File: func(s *Subject) []Finding {
			if out := s.reportFailure(ecosystem.TopLevelAwait); out != nil {
				return out
			}
			for _, v := range []ecosystem.Value{s.Loaded.Value, s.Loaded.Value.Get("default"), s.Loaded.Value.Get("apps")} {
				switch {
				case v.Is(ecosystem.Function) && !v.Get("apps").Truthy() && !v.Get("pm2").Truthy() && !v.Get("script").Truthy():
					return listOne(s.report("", "The file exports a function, which PM2 does not call."))
				case v.Is(ecosystem.Other) && v.Text == "Promise":
					return listOne(s.report("", "The file exports a promise, which PM2 does not await."))
				}
			}
			return nil
		},
	}
}
