package lint

func p005() Rule {
	return Rule{
		ID: "P005", Severity: Info,
		Title:  "one log file for different apps",
		Why:    "Lines of both are mixed without a word of which wrote them, and `pm2 flush` of one empties the other's.",
		Fix:    "A file for each app.",
		Source: "lib/Common.js:200",
		File: func(s *Subject) []Finding {
			var out []Finding
			owner := map[string]App{}
			for _, a := range s.Apps {
				for _, key := range []string{"out_file", "error_file", "log_file"} {
					file := a.getText(key)
					if file == "" || file == "NULL" || file == "/dev/null" {
						continue
					}
					file = joinPath(a.Plan.Cwd, file)
					first, taken := owner[file]
					switch {
					case !taken:
						owner[file] = a
					case first.Index != a.Index && first.Name != a.Name:
						out = append(out, a.report(key, "%s writes to this file, too.", first.Name))
					}
				}
			}
			return out
		},
	}
}
