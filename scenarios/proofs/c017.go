package proofs

func c017() Proof {
	return Proof{
		Rule:  "C017",
		Front: true,
		Bad:   "module.exports = { apps: [{ name: 'web', script: 'cli.js', args: 'serve', exec_mode: 'cluster', instances: 2, kill_timeout: 5000, env: { PORT: 4117 } }] };",
		Good:  "module.exports = { apps: [{ name: 'web', script: 'cli.js', exec_mode: 'cluster', instances: 2, kill_timeout: 5000, env: { PORT: 4117, COMMAND: 'serve' } }] };",
		With:  map[string]string{"cli.js": "const command = process.env.COMMAND || process.argv[2];\nif (command !== 'serve') throw new Error('there is no command ' + command);\nrequire('./server.js');\n"},
		Wait:  8000,
		Port:  4117,
		Harm:  silent,
	}
}
