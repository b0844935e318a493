package proofs

func l006() Proof {
	return Proof{
		Rule: "L006",
		Bad:  "require('not-installed');\n" + web(""),
		Good: web(""),
		Harm: nothingRuns,
	}
}
