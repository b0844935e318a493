package lint

import "strings"

func t003() Rule {
	return Rule{
		ID: "T003", Severity: Info,
		Title:  "several workers, and PM2 is not told when one is ready",
		Why:    "Without wait_ready a worker counts as ready when it listens, which may be before it can answer; without listen_timeout the wait ends after 3000 ms. With an app that took 8 s to boot, 96 requests were refused in a reload.",
		Fix:    "wait_ready: true with process.send('ready') once the app can answer, and listen_timeout longer than the slowest boot.",
		Source: "lib/God/Reload.js:196",
		Apps: func(a App) []Finding {
			if !a.hasManyWorkers() || a.is("wait_ready") && len(t001().Apps(a)) > 0 {
				return nil
			}
			var lacks []string
			if !a.is("wait_ready") {
				lacks = append(lacks, "wait_ready")
			}
			if _, given := a.getNumber("listen_timeout"); !given {
				lacks = append(lacks, "listen_timeout")
			}
			if len(lacks) == 0 {
				return nil
			}
			verb := "is"
			if len(lacks) > 1 {
				verb = "are"
			}
			return listOne(a.report("instances", "A reload of %d workers goes by the defaults: %s %s not given.", a.Plan.Workers, strings.Join(lacks, " and "), verb))
		},
	}
}
