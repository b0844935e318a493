package proofs

import (
	"fmt"
	"strings"
)

func r001() Proof {
	return Proof{
		Rule:  "R001",
		Bad:   clustered(""),
		Good:  clustered(""),
		With:  map[string]string{"next.js": strings.Replace(clustered(""), "instances: 2", "instances: 3", 1)},
		Steps: []Step{{Copy: [2]string{"next.js", "ecosystem.config.js"}}, {PM2: []string{"reload", "ecosystem.config.js"}}, {Wait: 1000}},
		Mend:  []Step{{PM2: []string{"scale", "web", "3"}}, {Wait: 1500}},
		Harm: func(o Outcome) string {
			if len(o.List) != 3 {
				return fmt.Sprintf("the file says 3, and %d run", len(o.List))
			}
			return ""
		},
	}
}
