package proofs

import "fmt"

// t015 waits longer than pm2-runtime does: 4 s, and five looks 2 s apart.
func t015() Proof {
	const job = "{ name: 'report', script: 'report.js', autorestart: false, cron_restart: '15 3 * * *' }"
	return Proof{
		Rule:  "T015",
		Front: true,
		Bad:   "module.exports = { apps: [" + job + "] };",
		Good:  "module.exports = { apps: [" + job + ", { name: 'web', script: 'server.js', env: { PORT: 4125 } }] };",
		With:  map[string]string{"report.js": "process.exit(0);\n"},
		Wait:  25000,
		Harm: func(o Outcome) string {
			if o.Start.Ended {
				return fmt.Sprintf("pm2-runtime ended with %d", o.Start.Code)
			}
			return ""
		},
	}
}
