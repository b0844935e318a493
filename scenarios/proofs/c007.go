package proofs

func c007() Proof {
	return Proof{
		Rule:  "C007",
		Bad:   clustered("cron_restart: '*/5 * * * * *', env: { PORT: 4117, BOOT: 1500 }"),
		Good:  clustered("env: { PORT: 4117, BOOT: 1500 }"),
		Wait:  2500,
		Steps: []Step{{Load: 8000, Port: 4117}},
		Harm:  drops,
	}
}
