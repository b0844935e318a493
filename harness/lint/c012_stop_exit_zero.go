package lint

import "slices"

func c012() Rule {
	return Rule{
		ID: "C012", Severity: Warning,
		Title:  "stop_exit_codes with 0 in it",
		Why:    "A worker that ends itself in good order (after too much memory, after a lost connection) exits with 0, and stays down. In `pm2 ls` it is stopped, as if somebody had wanted it.",
		Fix:    "Take 0 out.",
		Source: "lib/God.js:433",
		Apps: func(a App) []Finding {
			codes := a.listTexts("stop_exit_codes")
			if n, ok := a.getNumber("stop_exit_codes"); ok && n == 0 {
				codes = []string{"0"}
			}
			if !slices.Contains(codes, "0") {
				return nil
			}
			return listOne(a.report("stop_exit_codes", "A worker that exits with 0 is not started again."))
		},
	}
}
