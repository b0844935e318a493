package proofs

func k011() Proof {
	return Proof{
		Rule: "K011",
		Bad:  web("cron: 'every day'"),
		Good: web("cron_restart: '0 4 * * *'"),
		Harm: falls,
	}
}
