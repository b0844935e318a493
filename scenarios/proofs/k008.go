package proofs

func k008() Proof {
	return Proof{
		Rule: "K008",
		Bad:  web("exec_mode: true"),
		Good: web("exec_mode: 'fork'"),
		Harm: nothingRuns,
	}
}
