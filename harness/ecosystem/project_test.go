package ecosystem_test

import (
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func TestProject(t *testing.T) {
	disk := map[string]bool{
		"/srv/mono/.git": true, "/srv/mono/node_modules": true, "/srv/mono/apps/web/package.json": true,
		"/home/ann/package.json": true, "/home/ann/shop/package.json": true,
	}
	exists := func(name string) bool { return disk[name] }
	for _, x := range []struct{ dir, nearest, workspace string }{
		{"/srv/mono/apps/web/config", "/srv/mono/apps/web", "/srv/mono"},
		{"/srv/mono/apps", "/srv/mono", "/srv/mono"},
		{"/srv/alone/deep", "", "/srv/alone/deep"},
		{"/home/ann/shop/pm2", "/home/ann/shop", "/home/ann/shop"}, // nothing of the home folder is of the project
	} {
		if got := ecosystem.Project(x.dir, exists); got != x.nearest {
			t.Errorf("%s: the project is %q, want %q", x.dir, got, x.nearest)
		}
		if got := ecosystem.Workspace(x.dir, "/home/ann", exists); got != x.workspace {
			t.Errorf("%s: the workspace is %q, want %q", x.dir, got, x.workspace)
		}
	}
}
