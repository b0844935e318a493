package lint

import "github.com/pm2drill/pm2drill/harness/ecosystem"

func k004() Rule {
	return Rule{
		ID: "K004", Severity: Warning,
		Title:  "0 or false, for which PM2 puts its default",
		Why:    "PM2 looks for aliases of a key whose value counts as false in JavaScript, finds none, and so forgets the value. max_restarts: 0 becomes 16 (15 restarts were seen), kill_timeout: 0 becomes 1600 ms, listen_timeout: 0 becomes 3000 ms, min_uptime: 0 becomes 1000 ms.",
		Fix:    "Write the least value that counts as true, such as 1; to have no restarts, autorestart: false.",
		Source: "lib/tools/Config.js:100",
		Apps: func(a App) []Finding {
			var out []Finding
			for _, x := range []struct{ key, instead, better string }{
				{"max_restarts", "16", "autorestart: false for no restarts, max_restarts: 1 for one"}, {"kill_timeout", "1600", "1"},
				{"listen_timeout", "3000", "1"}, {"min_uptime", "1000", "100, the least that PM2 takes"},
				{"source_map_support", "true", "disable_source_map_support: true"}, {"kill_retry_time", "100", "1"},
			} {
				v, ok := a.getExact(x.key)
				if !ok || v.Missing() || v.Truthy() || a.Rejected != nil || isSameValue(a.Ready.Get(x.key), v) {
					continue
				}
				if x.key == "max_restarts" && a.Ready.Get("autorestart").Is(ecosystem.Bool) && !a.is("autorestart") {
					continue // PM2 restarts it in no case
				}
				better := x.better
				if x.key == "max_restarts" && a.is("autorestart") {
					better = "a large number for no limit, such as 1000000; " + better
				}
				out = append(out, a.report(x.key, "%s: %s is forgotten, and PM2 takes %s.", x.key, v.Inspect(), x.instead).setFix("Write %s.", better))
			}
			return out
		},
	}
}

func isSameValue(a, b ecosystem.Value) bool { return a.Inspect() == b.Inspect() }
