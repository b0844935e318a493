package proofs

func p011() Proof {
	return Proof{
		Rule: "P011",
		Node: oldNode,
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'main.ts' }] };",
		Good: "module.exports = { apps: [{ name: 'web', script: 'main.js' }] };",
		With: map[string]string{"main.ts": "require('./server.js');\n", "main.js": "require('./server.js');\n"},
		Harm: nothingRuns,
	}
}
