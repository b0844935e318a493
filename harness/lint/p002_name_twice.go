package lint

func p002() Rule {
	return Rule{
		ID: "P002", Severity: Error,
		Title:  "two apps of one name",
		Why:    "The first start runs both. `pm2 reload` of the unchanged file then finds running apps by name: two processes became four, all of them with the environment of the last app, and those that share a port crashed in a loop.",
		Fix:    "Give each app a name of its own.",
		Source: "lib/API.js:1056",
		File: func(s *Subject) []Finding {
			var out []Finding
			seen := map[string]bool{}
			for _, a := range s.Apps {
				if a.Name != "" && seen[a.Name] {
					out = append(out, a.report("name", "There is another app called %s.", a.Name))
				}
				seen[a.Name] = true
			}
			return out
		},
	}
}
