package proofs

func k002() Proof {
	return Proof{
		Rule: "K002",
		Bad:  web("max_memory_restart: '1.5G'"),
		Good: web("max_memory_restart: '1536M'"),
		Harm: nothingRuns,
	}
}
