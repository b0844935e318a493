package proofs

import "fmt"

func e008() Proof {
	return Proof{
		Rule:  "E008",
		Bad:   "module.exports = { apps: [" + shared(4121, 4121) + "] };",
		Good:  "module.exports = { apps: [" + shared(4121, 4122) + "] };",
		With:  map[string]string{"other.js": "require('http').createServer((q, s) => { s.statusCode = 404; s.end('other'); }).listen(+process.env.PORT);\n"},
		Steps: []Step{{Load: 1500, Port: 4121}},
		Harm:  drops,
	}
}

// shared is two apps in cluster mode, each with its port.
func shared(a, b int) string {
	return fmt.Sprintf("{ name: 'web', script: 'server.js', exec_mode: 'cluster', env: { PORT: %d } }, { name: 'other', script: 'other.js', exec_mode: 'cluster', env: { PORT: %d } }", a, b)
}
