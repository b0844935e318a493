package proofs

import (
	"fmt"
)

func l004() Proof {
	return Proof{
		Rule:  "L004",
		File:  "ecosystem.js",
		Bad:   web(""),
		Good:  web(""),
		Fixed: "ecosystem.config.js",
		With:  map[string]string{"package.json": `{"scripts": {"start": "pm2 start ecosystem.js"}}`},
		Harm: func(o Outcome) string {
			for _, r := range o.List {
				if r.Name == "ecosystem" {
					return fmt.Sprintf("the configuration itself runs as an app, which is %s", r.Status)
				}
			}
			return ""
		},
	}
}
