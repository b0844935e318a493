package validate

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

func TestProjectOf(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"mono/.git", "mono/node_modules", "mono/apps/web/config", "alone/deep"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "mono/apps/web/package.json"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"mono/apps/web/config/pm2.config.js": "mono", "alone/deep/ecosystem.config.js": "alone/deep"} {
		if got := findProject(file, ecosystem.Target{Cwd: root}); got != filepath.Join(root, want) {
			t.Errorf("%s: %s", file, got)
		}
	}
}
