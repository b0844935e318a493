package proofs

import (
	"fmt"
)

func p002() Proof {
	return Proof{
		Rule:  "P002",
		Bad:   "module.exports = { apps: [{ name: 'web', script: 'server.js', env: { PORT: 4125 } }, { name: 'web', script: 'server.js', env: { PORT: 4126 } }] };",
		Good:  "module.exports = { apps: [{ name: 'web', script: 'server.js', env: { PORT: 4125 } }, { name: 'api', script: 'server.js', env: { PORT: 4126 } }] };",
		Steps: []Step{{PM2: []string{"reload", "ecosystem.config.js"}}, {Wait: 1500}},
		Port:  4125,
		Harm: func(o Outcome) string {
			if len(o.List) != 2 {
				return fmt.Sprintf("after a reload of the unchanged file %d processes run", len(o.List))
			}
			return ""
		},
	}
}
