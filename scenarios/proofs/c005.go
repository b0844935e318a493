package proofs

func c005() Proof {
	return Proof{
		Rule: "C005",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'server.js --quiet', exec_mode: 'cluster' }] };",
		Good: "module.exports = { apps: [{ name: 'web', script: 'server.js', args: '--quiet', exec_mode: 'cluster' }] };",
		Wait: 5000,
		Harm: loops,
	}
}
