package proofs

func p012() Proof {
	return Proof{
		Rule: "P012",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'run.sh', interpreter: './bin/sh' }] };",
		Good: "module.exports = { apps: [{ name: 'web', script: 'run.sh', interpreter: '/bin/sh' }] };",
		With: map[string]string{"run.sh": "exec node server.js\n"},
		Harm: nothingRuns,
	}
}
