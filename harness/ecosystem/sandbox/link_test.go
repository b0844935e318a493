package sandbox_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem/form"
)

// TestDaemonsNodeAgreesThroughALink loads a configuration by a link to its folder and by a
// link to itself: __dirname is the real folder, and what it requires stands there.
func TestDaemonsNodeAgreesThroughALink(t *testing.T) {
	o := newOracle(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	release := filepath.Join(dir, "releases", "2")
	if err := os.MkdirAll(release, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"ecosystem.config.js":  "module.exports = { apps: [{ name: require('./name'), cwd: __dirname, file: __filename }] };",
		"ecosystem.config.mjs": "export const apps = [{ cwd: import.meta.dirname, url: import.meta.url }];",
		"name.js":              "module.exports = 'beside';",
	} {
		if err := os.WriteFile(filepath.Join(release, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"current": release, "ecosystem.config.js": filepath.Join(release, "ecosystem.config.js")} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"current/ecosystem.config.js", "current/ecosystem.config.mjs", "ecosystem.config.js"} {
		o.demand(t, form.Form{Name: file, Dir: dir, File: file})
	}
}
