package proofs

import (
	"fmt"
)

func p004() Proof {
	return Proof{
		Rule: "P004",
		Bad:  web("watch: true, ignore_watch: ['node_modules'], out_file: 'logs/out.log'"),
		Good: web("watch: true, ignore_watch: ['node_modules', 'logs'], out_file: 'logs/out.log'"),
		With: map[string]string{"server.js": "setInterval(() => console.log('tick'), 300);\n", "logs/README": "\n"},
		Wait: 9000,
		Harm: func(o Outcome) string {
			if len(o.List) == 1 && o.List[0].Restarts > 1 {
				return fmt.Sprintf("%d restarts in 9 s: the app prints", o.List[0].Restarts)
			}
			return ""
		},
	}
}
