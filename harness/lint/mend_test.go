package lint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
)

func TestMend(t *testing.T) {
	for _, x := range []struct{ name, line, want string }{
		{"a key", "    kill_timout: 5000,", "    kill_timeout: 5000,"},
		{"a quoted key", "    'kill_timout': 5000,", "    'kill_timeout': 5000,"},
		{"a value", "    max_memory_restart: '1.5G', // much", `    max_memory_restart: "1536M", // much`},
		{"an addition", "    exec_mode: 'cluster', instances: 2, wait_ready: true,", "    exec_mode: 'cluster', instances: 2, kill_timeout: 5000, wait_ready: true, listen_timeout: 10000,"},
		{"more lines", "    wait_ready: true,\n    exec_mode: 'cluster',\n    kill_timeout: 9000,\n    instances: 2,", "    wait_ready: true,\n    listen_timeout: 10000,\n    exec_mode: 'cluster',\n    kill_timeout: 9000,\n    instances: 2,"},
		{"two on a line", "    kill_timout: 1, lisen_timeout: 2,", "    kill_timeout: 1, listen_timeout: 2,"},
		{"a computed value", "    watch: ['false'][0],", ""},
		{"one that has no effect", "    restart_delay: 5000,\n    exp_backoff_restart_delay: 100,", "    exp_backoff_restart_delay: 100,"},
		{"nothing", "    kill_timeout: 5000,", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			text := "module.exports = {\n  apps: [{\n    name: 'web', script: 'server.js',\n" + x.line + "\n  }],\n};\n"
			file := filepath.Join(t.TempDir(), "ecosystem.config.js")
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			req := ecosystem.Request{Path: file, Dialect: ecosystem.Module, Source: []byte(text), Target: ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", Cwd: "/srv"}}
			s := lint.NewSubject(req, sandbox.Evaluate(req), nil)
			after, n := lint.Mend(s, lint.Check(s, lint.Rules()))
			want := text
			if x.want != "" {
				want = strings.Replace(text, x.line, x.want, 1)
			}
			if string(after) != want {
				t.Errorf("mended %d:\n%s\nwant\n%s", n, after, want)
			}
			req.Source = after
			if again := sandbox.Evaluate(req); again.Failure != nil {
				t.Errorf("the mended file is broken: %s\n%s", again.Failure.Message, after)
			}
		})
	}
}

// TestSettlePlaces: settings that a rehearsal proposes are put beside the app's name wherever it
// stands: in an app on one line, behind the dash of a list, in JSON.
func TestSettlePlaces(t *testing.T) {
	for _, x := range []struct{ file, text, want string }{
		{"ecosystem.config.js", "module.exports = { apps: [{ name: 'chat', script: './a.js', kill_timeout: 1, env: { PORT: 1 } }] };\n",
			"module.exports = { apps: [{ name: 'chat', listen_timeout: 9000, script: './a.js', kill_timeout: 4000, env: { PORT: 1 } }] };\n"},
		{"ecosystem.config.js", "module.exports={apps:[{script:'./a.js',name:'chat'}]}\n", "module.exports={apps:[{script:'./a.js',name:'chat', listen_timeout: 9000, kill_timeout: 4000}]}\n"},
		{"ecosystem.json", `{"apps": [{"name": "chat", "script": "./a.js"}]}` + "\n", `{"apps": [{"name": "chat", "listen_timeout": 9000, "kill_timeout": 4000, "script": "./a.js"}]}` + "\n"},
		{"ecosystem.yml", "apps:\n  - name: chat\n    script: ./a.js\n", "apps:\n  - name: chat\n    listen_timeout: 9000\n    kill_timeout: 4000\n    script: ./a.js\n"},
		{"ecosystem.yml", "apps:\n  - {name: chat, script: ./a.js}\n", "apps:\n  - {name: chat, script: ./a.js}\n"}, // not in a flow of YAML
	} {
		dialect := map[string]ecosystem.Dialect{".js": ecosystem.Module, ".json": ecosystem.JSON, ".yml": ecosystem.YAML}[filepath.Ext(x.file)]
		req := ecosystem.Request{Path: filepath.Join(t.TempDir(), x.file), Dialect: dialect, Source: []byte(x.text), Target: ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", Cwd: "/srv"}}
		s := lint.NewSubject(req, sandbox.Evaluate(req), nil)
		if len(s.Apps) != 1 {
			t.Fatalf("%s has %d apps", x.text, len(s.Apps))
		}
		after, _ := lint.Mend(s, lint.Settle(s.Apps[0], []lint.Pair{{Key: "listen_timeout", Value: "9000"}, {Key: "kill_timeout", Value: "4000"}}))
		if string(after) != x.want {
			t.Errorf("%s%swant\n%s", x.text, after, x.want)
		}
	}
}
