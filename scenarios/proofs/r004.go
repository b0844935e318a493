package proofs

import (
	"fmt"
)

func r004() Proof {
	return Proof{
		Rule:  "R004",
		Bad:   clustered("cron_restart: '*/2 * * * * *'"),
		Good:  clustered("cron_restart: '*/2 * * * * *'"),
		With:  map[string]string{"next.js": clustered("cron_restart: '0 4 1 1 *'")},
		Steps: []Step{{Copy: [2]string{"next.js", "ecosystem.config.js"}}, {PM2: []string{"reload", "ecosystem.config.js"}}},
		Mend:  []Step{{PM2: []string{"restart", "ecosystem.config.js"}}},
		After: []Step{{PM2: []string{"reset", "web"}}, {Wait: 6000}},
		Harm: func(o Outcome) string {
			if len(o.List) > 0 && o.List[0].Restarts > 0 {
				return fmt.Sprintf("%d restarts in 6 s, by the pattern that was taken out", o.List[0].Restarts)
			}
			return ""
		},
	}
}
