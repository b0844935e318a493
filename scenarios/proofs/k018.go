package proofs

func k018() Proof {
	return Proof{
		Rule: "K018",
		Bad:  web("max_restarts: Infinity"),
		Good: web("max_restarts: 1000000"),
		With: map[string]string{"server.js": "setTimeout(() => process.exit(1), 1200);\n"},
		Wait: 4000,
		Harm: func(o Outcome) string {
			if len(o.List) == 1 && o.List[0].Restarts == 0 {
				return "it is " + o.List[0].Status + " after its first exit, and was not restarted"
			}
			return ""
		},
	}
}
