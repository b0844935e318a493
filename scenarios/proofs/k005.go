package proofs

func k005() Proof {
	return Proof{
		Rule: "K005",
		Bad:  web("instances: Number(process.env.UNSET)"),
		Good: web("instances: Number(process.env.UNSET || 1)"),
		Harm: falls,
	}
}
