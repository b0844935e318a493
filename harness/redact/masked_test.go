package redact

import "testing"

func TestMasked(t *testing.T) {
	for in, want := range map[string]string{
		`  DB_PASS: 'hunter2', PORT: 3000,`:                    `  DB_PASS: '*******', PORT: 3000,`,
		`  BLUE: 'zx81-spectrum', script: './server.js',`:      `  BLUE: '*************', script: './server.js',`,
		`{"kill_timeout": 5000, "URL": "postgres://a:b@c"}`:    `{"kill_timeout": 5000, "URL": "****************"}`,
		`{ name: 'shop', script: './a.js', exec_mode: 'x' }`:   `{ name: 'shop', script: './a.js', exec_mode: 'x' }`,
		`  exec_mode: 'cluster', node_args: 'ä-Ö-9-xyz'`:       `  exec_mode: 'cluster', node_args: '*********'`,
		`      BAD: "unclosed yaml-5`:                          `      BAD: "***************`,
		`{"name":"a","env":{"X":"json-Sec-23x}}]}`:             `{"name":"a","env":{"X":"****************`,
		`    args: --t arg-Sec-22x: z`:                         `    args: --t ***********: z`,
		`      A: !!int tagged-Sec-30x`:                        `      A: !!int **************`,
		`    PASS_1: *hunter22`:                                `    PASS_1: *********`,
		`  instances: os.cpus().length - 1, a: b-c1, d: 7*x2,`: `  instances: os.cpus().length - 1, a: b-c1, d: 7*x2,`,
	} {
		if got := Masked(in); got != want {
			t.Errorf("%s becomes %s", in, got)
		}
	}
}
