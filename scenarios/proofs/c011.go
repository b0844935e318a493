package proofs

import (
	"fmt"
)

func c011() Proof {
	return Proof{
		Rule: "C011",
		Bad:  web("watch: true, ignore_watch: ['nothing'], env: { NODE_ENV: 'production' }"),
		Good: web("watch: false, env: { NODE_ENV: 'production' }"),
		With: map[string]string{"server.js": "setTimeout(() => require('fs').appendFileSync(__dirname + '/upload.bin', 'x'), 700);\nrequire('/srv/lib/server.js');\n"},
		Wait: 8000,
		Harm: func(o Outcome) string {
			if len(o.List) == 1 && o.List[0].Restarts > 1 {
				return fmt.Sprintf("%d restarts in 8 s: the app writes a file", o.List[0].Restarts)
			}
			return ""
		},
	}
}
