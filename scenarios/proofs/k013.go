package proofs

import (
	"fmt"
)

func k013() Proof {
	return Proof{
		Rule: "K013",
		Bad:  web("max_memory_restart: 512"),
		Good: web("max_memory_restart: '512M'"),
		Wait: 12000,
		Harm: func(o Outcome) string {
			if len(o.List) == 1 && o.List[0].Restarts > 1 {
				return fmt.Sprintf("%d restarts in 12 s", o.List[0].Restarts)
			}
			return ""
		},
	}
}
