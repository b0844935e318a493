package proofs

func p009() Proof {
	return Proof{
		Rule: "P009",
		Bad:  web("cwd: '~/app'"),
		Good: web("cwd: __dirname"),
		Harm: nothingRuns,
	}
}
