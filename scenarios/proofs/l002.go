package proofs

func l002() Proof {
	return Proof{
		Rule:  "L002",
		Bad:   web(""),
		Good:  web(""),
		Fixed: "ecosystem.config.cjs",
		With:  map[string]string{"package.json": `{"type": "module"}`, "server.js": "import '/srv/lib/server.js';\n"},
		Harm:  nothingRuns,
	}
}
