package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// TestDaemonPlanOfPrograms plans onto apps as PM2 7.0.4 lists them: a script without a slash
// that is no file of the app's directory is on PATH, and an interpreter is kept as it was
// given.
func TestDaemonPlanOfPrograms(t *testing.T) {
	const same = "Nothing changes."
	for _, x := range []struct{ name, cwd, runs, by, app, want string }{
		{"npm", "/srv/web", "/usr/bin/npm", "/usr/bin/node", "script: 'npm', args: 'start'", same},
		{"npm of nvm, in its home", "/root", "/root/.nvm/versions/node/v26.10.0/bin/npm", "/usr/bin/node", "cwd: '/root', script: 'npm', args: 'start'", same},
		{"yarn", "/srv/web", "/opt/yarn-v1.22/bin/yarn", "/usr/bin/node", "script: 'yarn', args: 'start'", same},
		{"node", "/srv/web", "/usr/local/bin/node", "none", "script: 'node', args: 'start'", same},
		{"python", "/srv/web", "/usr/bin/python3", "none", "script: 'python3', args: 'start'", same},
		{"a program of the user's own", "/", "/usr/local/bin/serve-all", "none", "cwd: '/', script: 'serve-all', args: 'start', interpreter: 'none'", same},
		{"npm, where yarn runs", "/srv/web", "/usr/bin/yarn", "/usr/bin/node", "script: 'npm', args: 'start'", `script: "/usr/bin/yarn" -> "npm"`},
		{"a file of the directory", "/srv/web", "/srv/web/sub/server.js", "node", "script: 'server.js', args: 'start'", `"/srv/web/sub/server.js" -> "server.js"`},
		{"python by the extension, where PM2 finds python3 alone", "/srv/web", "/srv/web/a.py", "python3", "script: 'a.py', args: 'start'", same},
		{"a relative interpreter", "/srv/web", "/srv/web/a.py", "./venv/bin/python", "script: 'a.py', args: 'start', interpreter: './venv/bin/python'", same},
		{"the same interpreter by its whole path", "/srv/web", "/srv/web/a.py", "/srv/web/venv/bin/python", "script: 'a.py', args: 'start', interpreter: './venv/bin/python'", same},
		{"an interpreter of a virtual environment", "/srv/web", "/srv/web/a.py", "/usr/bin/python3", "script: 'a.py', args: 'start', interpreter: './venv/bin/python3'", `"/usr/bin/python3" -> "./venv/bin/python3"`},
		{"another Node of the same name", "/srv/web", "/srv/web/a.js", "/opt/node18/bin/node", "script: 'a.js', args: 'start', interpreter: '/opt/node20/bin/node'", `"/opt/node18/bin/node" -> "/opt/node20/bin/node"`},
		{"PM2's own Node by default", "/srv/web", "/srv/web/a.mjs", "/usr/bin/node", "script: 'a.mjs', args: 'start'", same},
		{"an interpreter by its name, where one by its path runs", "/srv/web", "/srv/web/a.py", "/opt/venv/bin/python3", "script: 'a.py', args: 'start', interpreter: 'python3'", `"/opt/venv/bin/python3" -> "python3"`},
	} {
		t.Run(x.name, func(t *testing.T) {
			row := fmt.Sprintf(`[{"name": "web", "pm2_env": {"NODE_APP_INSTANCE": 0, "exec_mode": "fork_mode", "pm_exec_path": %q, "pm_cwd": %q, "exec_interpreter": %q, "args": ["start"],
"pm_out_log_path": "/root/.pm2/logs/web-out.log", "pm_err_log_path": "/root/.pm2/logs/web-error.log", "pm_pid_path": "/root/.pm2/pids/web-0.pid",
"vizion": true, "autostart": true, "autorestart": true, "instance_var": "NODE_APP_INSTANCE", "pmx": true, "automation": true, "treekill": true, "windowsHide": true, "kill_retry_time": 100, "env": {}}}]`, x.runs, x.cwd, x.by)
			p, err := lint.RolloutOnto([]byte(strings.ReplaceAll(row, "\n", " ")), subjectOf("{ name: 'web', exec_mode: 'fork', "+x.app+" }"))
			if err != nil || !strings.Contains(p.Text(), x.want) {
				t.Errorf("want %q, error %v, got\n%s", x.want, err, p.Text())
			}
		})
	}
}
