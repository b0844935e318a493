package proofs

func p010() Proof {
	return Proof{
		Rule: "P010",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'run' }] };",
		Good: "module.exports = { apps: [{ name: 'web', script: 'run', interpreter: 'sh' }] };",
		With: map[string]string{"run": "#!/bin/sh\nexec node server.js\n"},
		Wait: 5000,
		Harm: loops,
	}
}
