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
		{"an addition", "    exec_mode: 'cluster', instances: 2, wait_ready: true,", ""},
		{"more lines", "    wait_ready: true,\n    exec_mode: 'cluster',\n    kill_timeout: 9000,\n    instances: 2,", "    wait_ready: true,\n    listen_timeout: 10000,\n    exec_mode: 'cluster',\n    kill_timeout: 9000,\n    instances: 2,"},
		{"two on a line", "    kill_timout: 1, lisen_timeout: 2,", ""},
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
			if x.name != "two on a line" && x.name != "an addition" && string(after) != want {
				t.Errorf("mended %d:\n%s\nwant\n%s", n, after, want)
			}
			req.Source = after
			if again := sandbox.Evaluate(req); again.Failure != nil {
				t.Errorf("the mended file is broken: %s\n%s", again.Failure.Message, after)
			}
		})
	}
}
