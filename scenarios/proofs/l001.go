package proofs

func l001() Proof {
	return Proof{
		Rule: "L001",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'server.js' }]",
		Good: web(""),
		Harm: nothingRuns,
	}
}
