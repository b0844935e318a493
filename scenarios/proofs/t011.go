package proofs

func t011() Proof {
	return Proof{
		Rule:  "T011",
		Bad:   clustered("shutdown_with_message: true, env: { PORT: 4119, DEAF: 1 }"),
		Good:  clustered("env: { PORT: 4119 }"),
		Wait:  2500,
		Steps: []Step{{PM2: []string{"reload", "web"}, Port: 4119, URL: "/slow", Every: 50, After: 1500}},
		Harm:  drops,
	}
}
