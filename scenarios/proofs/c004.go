package proofs

func c004() Proof {
	return Proof{
		Rule: "C004",
		Bad:  "module.exports = { apps: [{ name: 'web', script: 'node_modules/.bin/nodemon', exec_mode: 'cluster', instances: 2, env: { PORT: 4114 } }] };",
		Good: "module.exports = { apps: [{ name: 'web', script: 'server.js', exec_mode: 'cluster', instances: 2, env: { PORT: 4114 } }] };",
		With: map[string]string{"node_modules/.bin/nodemon": "const c = require('child_process').spawn(process.execPath, ['-e', `require('http').createServer((q, s) => s.end()).listen(+process.env.PORT)`], { stdio: 'inherit' });\nc.on('exit', (code) => process.exit(code));\n"},
		Wait: 5000,
		Harm: loops,
	}
}
