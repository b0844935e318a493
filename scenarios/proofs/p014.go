package proofs

func p014() Proof {
	return Proof{
		Rule: "P014",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'server.js', node_args: '--max-old-space=200' }] };",
		Good: "module.exports = { apps: [{ name: 'web', script: 'server.js', node_args: '--max-old-space-size=200' }] };",
		Harm: nothingRuns,
	}
}
