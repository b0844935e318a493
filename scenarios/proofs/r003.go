package proofs

func r003() Proof {
	return Proof{
		Rule:  "R003",
		Bad:   clustered("env: { FROM_FILE: '1', EXTRA: '2' }"),
		Good:  clustered("env: { FROM_FILE: '1', EXTRA: '2' }"),
		With:  map[string]string{"next.js": clustered("env: { FROM_FILE: '1' }")},
		Steps: []Step{{Copy: [2]string{"next.js", "ecosystem.config.js"}}, {PM2: []string{"reload", "ecosystem.config.js"}}, {Wait: 1000}},
		Mend:  []Step{{PM2: []string{"delete", "web"}}, {PM2: []string{"start", "ecosystem.config.js"}}, {Wait: 1000}},
		Harm: func(o Outcome) string {
			if len(o.List) > 0 && o.List[0].Env.Extra != "" {
				return "the variable is still there"
			}
			return ""
		},
	}
}
