package proofs

func k015() Proof {
	return Proof{
		Rule: "K015",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'server.js' }], kill_timeout: 5000 };",
		Good: web("kill_timeout: 5000"),
		Harm: k001().Harm,
	}
}
