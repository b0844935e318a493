package redact

import "testing"

func TestMasked(t *testing.T) {
	for in, want := range map[string]string{
		`  DB_PASS: 'hunter2', PORT: 3000,`:                  `  DB_PASS: '*******', PORT: 3000,`,
		`  BLUE: 'zx81-spectrum', script: './server.js',`:    `  BLUE: '*************', script: './server.js',`,
		`{"kill_timeout": 5000, "URL": "postgres://a:b@c"}`:  `{"kill_timeout": 5000, "URL": "****************"}`,
		`{ name: 'shop', script: './a.js', exec_mode: 'x' }`: `{ name: 'shop', script: './a.js', exec_mode: 'x' }`,
		`  exec_mode: 'cluster', node_args: 'ä-Ö-9-xyz'`:     `  exec_mode: 'cluster', node_args: '*********'`,
	} {
		if got := Masked(in); got != want {
			t.Errorf("%s becomes %s", in, got)
		}
	}
}
