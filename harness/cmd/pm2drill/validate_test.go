package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFixShowsNoSecret: the diff of --fix hides what a line has beside the change, in each
// dialect, and --write writes the file with every value in it.
func TestFixShowsNoSecret(t *testing.T) {
	for _, c := range []struct{ name, text, mended string }{
		{
			"ecosystem.config.js", "module.exports = { apps: [{ name: 'web', script: 'a.js', env: { API_KEY: 'hush-hush-4711', GREETING: 'hush-hush-4711' }, kill_timout: 5000 }] };\n",
			"module.exports = { apps: [{ name: 'web', script: 'a.js', env: { API_KEY: 'hush-hush-4711', GREETING: 'hush-hush-4711' }, kill_timeout: 5000 }] };\n",
		},
		{
			"ecosystem.json", `{"apps": [{"name": "web", "script": "a.js", "env": {"DB_PASSWORD": "hush-hush-4711"}, "autorestart": "false"}]}` + "\n",
			`{"apps": [{"name": "web", "script": "a.js", "env": {"DB_PASSWORD": "hush-hush-4711"}, "autorestart": false}]}` + "\n",
		},
		{
			"ecosystem.yml", "apps:\n  - {name: web, script: a.js, env: {TOKEN: hush-hush-4711}, kill_timout: 5000}\n",
			"apps:\n  - {name: web, script: a.js, env: {TOKEN: hush-hush-4711}, kill_timeout: 5000}\n",
		},
	} {
		for _, write := range []bool{false, true} {
			file := filepath.Join(t.TempDir(), c.name)
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			args, want := []string{"validate", "--fix", file}, c.text
			if write {
				args, want = append(args, "--write"), c.mended
			}
			_, stdout, stderr := pm2drill(t, nil, args...)
			if !strings.Contains(stdout, "\n+") || strings.Contains(stdout+stderr, "hush") {
				t.Errorf("%q shows\n%s%s", args, stdout, stderr)
			}
			if got, err := os.ReadFile(file); err != nil || string(got) != want {
				t.Errorf("%q left %s %v", args, got, err)
			}
		}
	}
}
