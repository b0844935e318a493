package proofs

func e002() Proof {
	return Proof{
		Rule: "E002",
		Bad:  web("env: { name: 'production' }"),
		Good: web("env: { APP_NAME: 'production' }"),
		Harm: func(o Outcome) string {
			if len(o.List) == 1 && o.List[0].Name != "web" {
				return "the process is called " + o.List[0].Name
			}
			return ""
		},
	}
}
