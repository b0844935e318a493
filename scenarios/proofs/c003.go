package proofs

func c003() Proof {
	return Proof{
		Rule: "C003",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'server.sh', exec_mode: 'cluster', interpreter: 'bash' }] };",
		Good: "module.exports = { apps: [{ name: 'web', script: 'server.sh', exec_mode: 'fork', interpreter: 'bash' }] };",
		With: map[string]string{"server.sh": "while true; do sleep 1; done\n"},
		Wait: 5000,
		Harm: loops,
	}
}
