package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
)

func subjectOf(apps string) *lint.Subject { return subjectFor("", apps) }

// subjectFor is a file of those apps, with that --env.
func subjectFor(env, apps string) *lint.Subject {
	req := ecosystem.Request{Path: "ecosystem.config.js", Dialect: ecosystem.Module, Source: []byte("module.exports = { apps: [" + apps + "] };"),
		Target: ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", Env: env, Cwd: "/srv/web"}}
	return lint.NewSubject(req, sandbox.Evaluate(req), nil)
}

func TestRollout(t *testing.T) {
	web := func(more string) string {
		return fmt.Sprintf("{ name: 'web', script: 'server.js', exec_mode: 'cluster', %s }", more)
	}
	fork := func(more string) string { return strings.Replace(web(more), "cluster", "fork", 1) }
	for _, x := range []struct {
		name, old, new string
		rules          []string
		steps          []string // each begins with
	}{
		{"nothing", web("instances: 2"), web("instances: 2"), nil, nil},
		{"what a reload applies", web("instances: 2, env: {A: 1}"), web("instances: 2, kill_timeout: 5000, env: {A: 2, B: 1}"), nil, []string{"pm2 reload ecosystem.config.js"}},
		{"more workers", web("instances: 2"), web("instances: 3"), []string{"R001"}, []string{"pm2 scale web 3"}},
		{"another script", web("instances: 2"), strings.Replace(web("instances: 2"), "server", "main", 1), []string{"R002"}, []string{"node -p ", "pm2 start web-next.json", "pm2 delete web"}},
		{"another script, in fork mode", fork(""), strings.Replace(fork(""), "server", "main", 1), []string{"R002"}, []string{"pm2 delete web", "pm2 start ecosystem.config.js --only web"}},
		{"a setting less", web("kill_timeout: 5000"), web(""), []string{"R003"}, []string{"node -p ", "pm2 start web-next.json", "pm2 delete web"}},
		{"a variable less", web("env: {A: 1, B: 2}"), web("env: {A: 1}"), []string{"R003"}, []string{"node -p ", "pm2 start web-next.json", "pm2 delete web"}},
		{"another pattern", web("cron_restart: '0 4 * * *'"), web("cron_restart: '0 5 * * *'"), []string{"R004"}, []string{"pm2 reload", "pm2 restart ecosystem.config.js --only web"}},
		{"a first pattern", web("instances: 2"), web("instances: 2, cron_restart: '0 5 * * *'"), nil, []string{"pm2 reload"}},
		{"a pattern less", web("cron_restart: '0 4 * * *'"), web(""), []string{"R003"}, []string{"node -p ", "pm2 start web-next.json", "pm2 delete web"}},
		{"another pattern for many", web("instances: 2, cron_restart: '0 4 * * *'"), web("instances: 2, cron_restart: '0 5 * * *'"), []string{"R004"}, []string{"pm2 reload", "for id in $(pm2 id web"}},
		{"more workers and another script", web("instances: 2"), strings.Replace(web("instances: 3"), "server", "main", 1), []string{"R002", "R001"}, []string{"node -p ", "pm2 start web-next.json", "pm2 delete web"}},
		{"a variable less and another pattern, in fork mode", fork("env: {A: 1}, cron_restart: '0 4 * * *'"), fork("env: {}, cron_restart: '0 5 * * *'"), nil, []string{"pm2 reload ecosystem.config.js"}},
		{"an app more and one less", web(""), "{ name: 'api', script: 'api.js' }", nil, []string{"pm2 start ecosystem.config.js --only api", "pm2 delete web"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := lint.Rollout(subjectOf(x.old), subjectOf(x.new))
			if got := ids(p.Findings); !slices.Equal(got, x.rules) {
				t.Errorf("found %v, want %v", got, x.rules)
			}
			if len(p.Steps) != len(x.steps) {
				t.Fatalf("steps %v, want %v", p.Steps, x.steps)
			}
			for i, s := range p.Steps {
				if !strings.HasPrefix(s.Command, x.steps[i]) {
					t.Errorf("step %d is %q, want %q", i, s.Command, x.steps[i])
				}
			}
		})
	}
}
