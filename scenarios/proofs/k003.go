package proofs

import (
	"fmt"
)

func k003() Proof {
	return Proof{
		Rule: "K003",
		Bad:  web("exec_mode: 'cluster', instances: '50%'"),
		Good: web("exec_mode: 'cluster', instances: 2"),
		Wait: 3000,
		Harm: func(o Outcome) string {
			if len(o.List) > 2 {
				return fmt.Sprintf("%d workers run", len(o.List))
			}
			return ""
		},
	}
}
