package proofs

import "fmt"

// r004 reloads a file whose job is due every other second over one whose job is due once
// a year, and counts. The other way round, the old job's last turn would race with the
// count.
func r004() Proof {
	yearly := clustered("cron_restart: '0 4 1 1 *'")
	return Proof{
		Rule:  "R004",
		Bad:   yearly,
		Good:  yearly,
		With:  map[string]string{"next.js": clustered("cron_restart: '*/2 * * * * *'")},
		Steps: []Step{{Copy: [2]string{"next.js", "ecosystem.config.js"}}, {PM2: []string{"reload", "ecosystem.config.js"}}},
		Mend:  []Step{{PM2: []string{"restart", "1"}}, {PM2: []string{"restart", "2"}}}, // 0 is the app beside
		After: []Step{{PM2: []string{"reset", "web"}}, {Wait: 6000}},
		Harm: func(o Outcome) string {
			if len(o.List) > 0 && o.List[0].Restarts == 0 {
				return fmt.Sprintf("PM2 shows %v, and the job did not run in 6 s", o.List[0].Cron)
			}
			return empty(o)
		},
	}
}
