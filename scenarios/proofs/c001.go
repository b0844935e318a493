package proofs

func c001() Proof {
	return Proof{
		Rule: "C001",
		Bad:  web("exec_mode: 'fork', instances: 2, env: { PORT: 4111 }"),
		Good: web("exec_mode: 'cluster', instances: 2, kill_timeout: 5000, env: { PORT: 4111 }"),
		Wait: 5000,
		Harm: loops,
	}
}
