package lint_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// change is an app of a file that is started and of one that is reloaded.
type change struct{ old, new string }

// changes are what people change between two releases, and what they do not.
func changes() []change {
	same := []string{
		"", "exec_mode: 'cluster', instances: 2", "instances: '2'", "exec_mode: 'cluster', instances: 2, merge_logs: true", "exec_mode: 'fork', instances: 2",
		"args: 'a b', node_args: '--max-old-space-size=100'", "max_memory_restart: '200M', min_uptime: '10s'", "out_file: './o.log', error_file: 'e', log_file: true",
		"out_file: '/dev/null', pid_file: 'x.pid'", "cron_restart: '0 4 * * *'", "watch: false, ignore_watch: ['a']", "env: {A: 1, B: true, C: 'x'}", "port: 3999",
		"env: {PORT: '0'}, env_production: {A: 2}", "interpreter: 'node', cwd: '.'", "wait_ready: false, autorestart: true, treekill: false", "namespace: 'x'",
		"instance_var: 'N', increment_var: 'PORT', env: {PORT: 4100}, exec_mode: 'cluster', instances: 2", "restart_delay: 100, exp_backoff_restart_delay: 0",
		"stop_exit_codes: [3], filter_env: ['SECRET'], time: true", "log_date_format: 'YYYY', kill_timeout: 2000, listen_timeout: 4000, max_restarts: 5", "vizion: false, pmx: false, automation: false",
	}
	var out []change
	for _, s := range same {
		out = append(out, change{s, s})
	}
	return append(out,
		change{"kill_timeout: 2000", "kill_timeout: 5000"},
		change{"exec_mode: 'cluster', instances: 2, env: {A: 1}", "exec_mode: 'cluster', instances: 2, env: {A: 2, B: 1}, max_memory_restart: '300M'"},
		change{"exec_mode: 'cluster', instances: 1", "exec_mode: 'cluster', instances: 2"},
		change{"exec_mode: 'cluster', instances: 2, kill_timeout: 5000", "exec_mode: 'cluster', instances: 2"},
		change{"exec_mode: 'fork'", "exec_mode: 'cluster'"},
		change{"args: 'a'", "args: 'b'"},
		change{"out_file: 'a.log'", "out_file: 'b.log'"},
		change{"exec_mode: 'cluster', cron_restart: '0 4 * * *'", "exec_mode: 'cluster', cron_restart: '0 5 * * *'"},
		change{"exec_mode: 'cluster'", "exec_mode: 'cluster', cron_restart: '0 5 * * *'"},
		change{"exec_mode: 'cluster', cron_restart: '0 5 * * *'", "exec_mode: 'cluster'"},
		change{"restart_delay: 100", "restart_delay: 200, min_uptime: 5000"},
		change{"namespace: 'x'", "namespace: 'y'"},
		change{"", "script: 'main.js'"},
		change{"cwd: '.'", "cwd: './sub', script: '../server.js'"},
		change{"error_file: 'a.log', pid_file: 'a.pid'", "error_file: 'b.log', pid_file: 'b.pid'"},
		change{"instance_var: 'N'", "instance_var: 'M'"},
		change{"exec_mode: 'cluster', instances: 2", "exec_mode: 'cluster', instances: 2, merge_logs: true"},
		change{"autorestart: true", "autorestart: false"},
		change{"node_args: '--max-old-space-size=100'", "node_args: '--max-old-space-size=200'"},
	)
}

// file is the apps as a file.
func file(all []change, of func(change) string) string {
	var b strings.Builder
	b.WriteString("module.exports = { apps: [\n")
	for i, c := range all {
		settings := of(c)
		if settings != "" {
			settings = ", " + settings
		}
		fmt.Fprintf(&b, "  { name: 'app%d', script: 'server.js'%s },\n", i, settings)
	}
	b.WriteString("] };\n")
	return b.String()
}

// TestDaemonPlanHolds starts apps under real PM2, plans the reload of another file against
// what runs, and reloads it: what the plan says is applied must be applied, what it says
// is left must be left, and a file must not differ from what was started by it.
func TestDaemonPlanHolds(t *testing.T) {
	if os.Getenv("PM2DRILL_DAEMON_TEST") == "" {
		t.Skip("needs PM2: images/in-container.sh ./harness/lint")
	}
	h := host{t: t, dir: t.TempDir()}
	h.write("server.js", "if (process.env.exec_mode === 'cluster_mode') require('http').createServer().listen(0); else setInterval(() => {}, 1e6);\n")
	h.write("main.js", "require('./server.js');\n")
	if err := os.Mkdir(filepath.Join(h.dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.pm2("kill") })
	all := changes()
	old := h.subject("old.config.js", file(all, func(c change) string { return c.old }))
	new := h.subject("new.config.js", file(all, func(c change) string { return c.new }))
	h.pm2("start", "old.config.js")
	for _, line := range said(h.plan(old)) {
		t.Errorf("nothing was changed, and it says: %s", line)
	}
	before := h.plan(new)
	h.pm2("reload", "new.config.js")
	after := h.plan(new)
	for _, line := range after.Applied {
		t.Errorf("the reload was to apply, and did not: %s", line)
	}
	kept := func(p lint.Plan) []string {
		var out []string
		for _, f := range p.Findings {
			if f.Rule != "R004" { // PM2 shows the new pattern, and its job goes on by the old one
				out = append(out, f.Rule+" "+f.Name+" "+f.Key)
			}
		}
		return out
	}
	if b, a := kept(before), kept(after); !slices.Equal(b, a) || len(b) == 0 {
		t.Errorf("the reload was to leave %v, and left %v", b, a)
	}
	if len(before.Applied) == 0 {
		t.Error("the plan applies nothing")
	}
	t.Logf("%d apps; applied: %v; left: %v", len(all), before.Applied, kept(before))
}

// said is what a plan says of changes.
func said(p lint.Plan) []string {
	out := slices.Clone(p.Applied)
	for _, f := range p.Findings {
		out = append(out, f.Name+": "+f.Message)
	}
	for _, s := range p.Steps {
		out = append(out, s.Command)
	}
	return out
}

// host is a directory with a PM2 of its own.
type host struct {
	t   *testing.T
	dir string
}

func (h host) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

func (h host) pm2(args ...string) string {
	h.t.Helper()
	cmd := exec.Command("pm2", args...)
	cmd.Dir, cmd.Env = h.dir, append(os.Environ(), "PM2_HOME="+filepath.Join(h.dir, "home"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		h.t.Fatalf("pm2 %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (h host) subject(name, text string) *lint.Subject {
	h.t.Helper()
	h.write(name, text)
	version := strings.TrimSpace(h.pm2("-v"))
	req := ecosystem.Request{Path: name, Dialect: ecosystem.Module, Source: []byte(text),
		Target: ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: version[strings.LastIndexByte(version, '\n')+1:], Cwd: h.dir}}
	s := lint.NewSubject(req, sandbox.Evaluate(req), lint.Host{})
	if s.Loaded.Failure != nil || s.Rejected != nil {
		h.t.Fatalf("%s: %v %v", name, s.Loaded.Failure, s.Rejected)
	}
	return s
}

func (h host) plan(wanted *lint.Subject) lint.Plan {
	h.t.Helper()
	p, err := lint.RolloutOnto([]byte(h.pm2("jlist")), wanted)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// TestRolloutOnto reads lists as they come from a host.
func TestRolloutOnto(t *testing.T) {
	row := func(name, more string) string {
		return fmt.Sprintf(`{"name": %q, "pm2_env": {"NODE_APP_INSTANCE": 0, "exec_mode": "cluster_mode", "pm_exec_path": "/srv/web/server.js", "pm_cwd": "/srv/web", "exec_interpreter": "node",
"pm_out_log_path": "/root/.pm2/logs/web-out-0.log", "pm_err_log_path": "/root/.pm2/logs/web-error-0.log", "pm_pid_path": "/root/.pm2/pids/web-0.pid",
"vizion": true, "autostart": true, "autorestart": true, "instance_var": "NODE_APP_INSTANCE", "pmx": true, "automation": true, "treekill": true, "windowsHide": true, "kill_retry_time": 100,
"env": {"PORT": "3000", "API_TOKEN": "old", "SHELL": "/bin/sh"}%s}}`, name, more)
	}
	list := func(rows ...string) string { return "[" + strings.ReplaceAll(strings.Join(rows, ","), "\n", " ") + "]" }
	for _, x := range []struct{ name, list, app, want string }{
		{"as it runs", list(row("web", "")), "env: {PORT: 3000}", "Nothing changes."},
		{"a secret changes", list(row("web", "")), "env: {API_TOKEN: 'new'}", "env.API_TOKEN (not shown) -> (not shown)"},
		{"a limit that is new", list(row("web", "")), "max_memory_restart: '200M', min_uptime: '10s'", "max_memory_restart not set -> 200M\n"},
		{"a limit that changes", list(row("web", `, "max_memory_restart": 1610612736`)), "max_memory_restart: '2G'", "max_memory_restart 1536M -> 2G\n"},
		{"a limit in bytes", list(row("web", `, "max_memory_restart": 1073741825`)), "max_memory_restart: '2K'", "max_memory_restart 1073741825 -> 2K\n"},
		{"an interpreter that was given", list(row("web", "")), "interpreter: '/opt/node/bin/node'", `interpreter: "node" -> "/opt/node/bin/node"`},
		{"fewer workers", list(row("web", ""), row("web", ""), row("web", "")), "instances: 2", "pm2 scale web 2"},
		{"words before the list", ">>>> In-memory PM2 is out-of-date\n" + list(row("web", "")), "", "Nothing changes."},
		{"a module, and another app", list(row("web", ""), row("api", ""), row("pm2-logrotate", `, "pmx_module": true`)), "", "left alone: api.\n"},
		{"by its environment's name", list(row("web-production", "")), "append_env_to_name: true", "Nothing changes."},
		{"nothing runs", "[]", "", "pm2 start ecosystem.config.js --only web"},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := subjectFor("production", "{ name: 'web', script: 'server.js', exec_mode: 'cluster', "+x.app+" }")
			p, err := lint.RolloutOnto([]byte(x.list), s)
			if err != nil || !strings.Contains(p.Text(), x.want) {
				t.Errorf("want %q, error %v, got\n%s", x.want, err, p.Text())
			}
		})
	}
	if _, err := lint.RolloutOnto([]byte("[PM2] Spawning PM2 daemon"), subjectOf("{ script: 'a.js' }")); err == nil || !strings.Contains(err.Error(), "pm2 jlist") {
		t.Errorf("words are taken for a list: %v", err)
	}
}
