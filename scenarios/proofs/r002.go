package proofs

import (
	"cmp"
	"slices"
	"strings"
)

// r002's remedy is that of a plan: the app by another name beside the old one, which in
// cluster mode shares the port, under load.
func r002() Proof {
	first := clustered("env: { LINGER: 500 }")
	next := strings.Replace(first, "server.js", "other.js", 1)
	return Proof{
		Rule:  "R002",
		Bad:   clustered(""),
		Good:  clustered(""),
		With:  map[string]string{"other.js": "require('/srv/lib/server.js');\n", "next.js": next, "next.config.js": strings.Replace(next, "'web'", "'web-next'", 1)},
		Steps: []Step{{Copy: [2]string{"next.js", "ecosystem.config.js"}}, {PM2: []string{"reload", "ecosystem.config.js"}}, {Wait: 1000}},
		Mend:  []Step{{PM2: []string{"start", "next.config.js"}, Port: 4100}, {PM2: []string{"delete", "web"}, Port: 4100}, {Wait: 1000}},
		Harm: func(o Outcome) string {
			old := slices.IndexFunc(o.List, func(r Row) bool { return !strings.HasSuffix(r.Script, "other.js") })
			if old >= 0 {
				return "the old script runs on: " + o.List[old].Script
			}
			return cmp.Or(drops(o), empty(o))
		},
	}
}
