package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// countingDisk is a project without scripts, which counts what is asked of it.
type countingDisk struct{ listed, manifests int }

func (d *countingDisk) Exists(name string) bool { return name == "/srv" || name == "/srv/package.json" }

func (d *countingDisk) Names(string) []string { d.listed++; return []string{"deploy.sh"} }

func (d *countingDisk) Head(name string) ([]byte, bool) {
	if name != "/srv/package.json" {
		return nil, false
	}
	d.manifests++
	return []byte(`{"scripts":{"start":"pm2 start ecosystem.config.js --only web"}}`), true
}

// TestProjectIsReadOnce: what rules ask of the project for each app is found once for all.
func TestProjectIsReadOnce(t *testing.T) {
	ask := func(apps int) countingDisk {
		var text strings.Builder
		for i := range apps {
			fmt.Fprintf(&text, "{ name: 'a%d', script: './x%d.js', env: { PORT: '3000' } },", i, i)
		}
		d := countingDisk{}
		target := ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", Cwd: "/srv"}
		req := ecosystem.Request{Path: "/srv/ecosystem.config.js", Dialect: ecosystem.Module, Source: []byte("module.exports = { apps: [" + text.String() + "] };"), Target: target}
		found := lint.Check(lint.NewSubject(req, sandbox.Evaluate(req), &d), lint.Rules())
		if n := len(found); n < apps {
			t.Fatalf("%d findings of %d apps without a script", n, apps)
		}
		return d
	}
	if few, many := ask(3), ask(300); few != many || few.listed == 0 || few.manifests == 0 {
		t.Errorf("3 apps ask %+v, and 300 apps %+v", few, many)
	}
}
