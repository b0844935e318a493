package proofs

func t013() Proof {
	return Proof{
		Rule: "T013",
		Bad:  web("autostart: false, cron_restart: '*/3 * * * * *', env: { PORT: 4123 }"),
		Good: web("env: { PORT: 4123 }"),
		Wait: 7000,
		Port: 4123,
		Harm: silent,
	}
}
