package lint

import "slices"

func c012() Rule {
	return Rule{
		ID: "C012", Severity: Warning,
		Title:  "stop_exit_codes with 0 in it",
		Why:    "A worker that ends itself in good order (after too much memory, after a lost connection) exits with 0, and stays down. In `pm2 ls` it is stopped, as if somebody had wanted it. For a single process, such as a job that ends, that may be what is meant, and the finding is a remark.",
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
			f := a.report("stop_exit_codes", "A worker that exits with 0 is not started again.")
			if !a.Plan.Cluster && a.Plan.Workers == 1 {
				f = f.setSeverity(Info).setFix("Nothing, if the app exits with 0 only when it is to stay down; else take 0 out.")
			}
			return listOne(f)
		},
	}
}
