package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// TestRolloutOntoALinkedRelease has releases and a link to the current one, as many tools
// deploy. A reload keeps the directory that an app was started in.
func TestRolloutOntoALinkedRelease(t *testing.T) {
	for _, x := range []struct {
		name, apps string
		runs, next int // release
		kept       bool
	}{
		{"the next release, by __dirname", "cwd: __dirname,", 1, 2, true},
		{"the same release, by __dirname", "cwd: __dirname,", 2, 2, false},
		{"the next release, by pm2's directory", "", 1, 2, true},
		{"the same release, by pm2's directory", "", 2, 2, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			release := func(n int) string { return filepath.Join(dir, "releases", fmt.Sprint(n)) }
			source := "module.exports = { apps: [{ name: 'forum', " + x.apps + " script: './server.js', exec_mode: 'cluster', instances: 2 }] };"
			for n := 1; n <= 2; n++ {
				if err := os.MkdirAll(release(n), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(release(n), "ecosystem.config.js"), []byte(source), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			current := filepath.Join(dir, "current")
			if err := os.Symlink(release(x.next), current); err != nil {
				t.Fatal(err)
			}
			req := ecosystem.Request{Path: filepath.Join(current, "ecosystem.config.js"), Dialect: ecosystem.Module, Source: []byte(source),
				Target: ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", Cwd: release(x.next)}}
			row := fmt.Sprintf(`{"name": "forum", "pm2_env": {"exec_mode": "cluster_mode", "pm_cwd": %q, "pm_exec_path": %q, "exec_interpreter": "node", "instances": 2,
"NODE_APP_INSTANCE": 0, "vizion": true, "autostart": true, "autorestart": true, "instance_var": "NODE_APP_INSTANCE", "pmx": true, "automation": true, "treekill": true,
"windowsHide": true, "kill_retry_time": 100, "merge_logs": false, "pm_out_log_path": "/root/.pm2/logs/forum-out-0.log", "pm_err_log_path": "/root/.pm2/logs/forum-error-0.log",
"pm_pid_path": "/root/.pm2/pids/forum-0.pid", "env": {}}}`, release(x.runs), filepath.Join(release(x.runs), "server.js"))
			list := strings.ReplaceAll("["+row+","+row+"]", "\n", "")
			p, err := lint.RolloutOnto([]byte(list), lint.NewSubject(req, sandbox.Evaluate(req), lint.Host{}))
			if err != nil {
				t.Fatal(err)
			}
			kept := slices.ContainsFunc(p.Findings, func(f lint.Finding) bool { return f.Rule == "R002" && f.Key == "cwd" })
			if kept != x.kept || len(p.Findings) > 0 != x.kept || len(p.Steps) > 0 != x.kept {
				t.Errorf("%s", p.Text())
			}
		})
	}
}

// TestRolloutCountsWorkersAtATime: PM2 reloads two at a time where there are three or more.
func TestRolloutCountsWorkersAtATime(t *testing.T) {
	for instances, want := range map[int]string{2: "worker by worker", 3: "2 workers at a time"} {
		of := func(timeout int) *lint.Subject {
			return subjectOf(fmt.Sprintf("{ name: 'web', script: 'server.js', exec_mode: 'cluster', instances: %d, kill_timeout: %d }", instances, timeout))
		}
		p := lint.Rollout(of(2000), of(5000))
		if len(p.Steps) != 1 || !strings.Contains(p.Steps[0].Why, want) {
			t.Errorf("%d workers: %+v, want %q", instances, p.Steps, want)
		}
	}
}
