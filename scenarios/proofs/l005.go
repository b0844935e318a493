package proofs

func l005() Proof {
	return Proof{
		Rule: "L005",
		Bad:  "module.exports = async () => ({ apps: [{ name: 'web', script: 'server.js' }] });",
		Good: web(""),
		Harm: nothingRuns,
	}
}
