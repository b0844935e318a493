package proofs

func p001() Proof {
	return Proof{
		Rule: "P001",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'server.js' }, { name: 'lost', script: 'sever.js' }] };",
		Good: "module.exports = { apps: [{ name: 'web', script: 'server.js' }, { name: 'lost', script: 'server.js', env: { PORT: 4124 } }] };",
		Harm: func(o Outcome) string { return half(o, 2) },
	}
}
