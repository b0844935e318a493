package lint_test

import (
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// TestRoutes holds the rules that depend on how PM2 is started to the flag that decides:
// one file, and by each route what is found in it.
func TestRoutes(t *testing.T) {
	const file = `module.exports = { apps: [{
  name: 'front', script: 'server.js', args: 'start -p 3000', exec_mode: 'cluster', instances: 'max',
  kill_timeout: 20000, node_args: '--env-file=.vars', env: { NODE_ENV: 'production' },
}] };`
	const job = `module.exports = { apps: [{ name: 'report', script: 'report.js', autorestart: false, cron_restart: '15 3 * * *' }] };`
	const docker = "FROM node:22\nCMD [\"pm2-runtime\", \"ecosystem.config.cjs\"]\n"
	const e, w, i = lint.Error, lint.Warning, lint.Info
	type severities map[string]lint.Severity
	for name, x := range map[string]struct {
		text, dockerfile string
		route            ecosystem.Route
		want             severities
	}{
		"by command":         {file, "", "", severities{"C010": i, "C016": e, "C017": i, "T014": "", "T015": ""}},
		"a Dockerfile":       {file, docker, "", severities{"C010": w, "C016": e, "C017": w, "T014": w}},
		"daemon, it says":    {file, docker, ecosystem.ByCommand, severities{"C010": i, "C016": e, "C017": i, "T014": ""}},
		"runtime":            {file, "", ecosystem.Runtime, severities{"C010": w, "C016": "", "C017": e, "T014": w}},
		"systemd":            {file, "", ecosystem.Systemd, severities{"C010": i, "C016": e, "C017": "", "T014": ""}},
		"a job by command":   {job, "", "", severities{"T015": ""}},
		"a job and runtime":  {job, "", ecosystem.Runtime, severities{"T015": e}},
		"a job, Dockerfile":  {job, docker, "", severities{"T015": w}},
		"a job, --no-auto":   {job, docker + "# --no-auto-exit", "", severities{"T015": ""}},
		"a job and a daemon": {job, docker, ecosystem.ByCommand, severities{"T015": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, filepath.Join(dir, "ecosystem.config.cjs"), x.text)
			put(t, filepath.Join(dir, ".vars"), "A=1\n")
			if x.dockerfile != "" {
				put(t, filepath.Join(dir, "Dockerfile"), x.dockerfile)
			}
			found := map[string]lint.Severity{}
			for _, f := range check(t, dir, ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", Route: x.route, OS: map[string]string{}}) {
				found[f.Rule] = f.Severity
			}
			for rule, want := range x.want {
				if found[rule] != want {
					t.Errorf("%s is %q, want %q", rule, found[rule], want)
				}
			}
		})
	}
}
