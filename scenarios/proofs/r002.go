package proofs

import (
	"strings"
)

func r002() Proof {
	return Proof{
		Rule:  "R002",
		Bad:   web(""),
		Good:  web(""),
		With:  map[string]string{"other.js": "require('/srv/lib/server.js');\n", "next.js": "module.exports = { apps: [{ name: 'web', script: 'other.js' }] };"},
		Steps: []Step{{Copy: [2]string{"next.js", "ecosystem.config.js"}}, {PM2: []string{"reload", "ecosystem.config.js"}}, {Wait: 1000}},
		Mend:  []Step{{PM2: []string{"delete", "web"}}, {PM2: []string{"start", "ecosystem.config.js"}}, {Wait: 1000}},
		Harm: func(o Outcome) string {
			if len(o.List) == 1 && !strings.HasSuffix(o.List[0].Script, "other.js") {
				return "the old script runs on: " + o.List[0].Script
			}
			return ""
		},
	}
}
