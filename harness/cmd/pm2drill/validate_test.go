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

// TestFixCounts: the last line says how many findings can be fixed, and only then that
// --write does it.
func TestFixCounts(t *testing.T) {
	const head, tail = "module.exports = { apps: [{ name: 'web', script: 'a.js'", " }] };\n"
	for _, c := range []struct {
		settings string
		flags    []string
		want     string
	}{
		{"", nil, "nothing found: there is nothing to fix\n"},
		{", cron_restart: '99 99 * *'", nil, "the finding cannot be fixed safely\n"},
		{", exec_mode: 'clustr', max_memory_restart: 'lots'", nil, "none of the 2 findings can be fixed safely\n"},
		{", exec_mode: 'clustr', max_memory_restart: 'lots'", []string{"--write"}, "none of the 2 findings can be fixed safely: nothing is written\n"},
		{", autorestart: 'false', exec_mode: 'clustr'", nil, "1 of 2 findings can be fixed safely: --fix --write does it\n"},
		{", autorestart: 'false', exec_mode: 'clustr'", []string{"--write"}, "1 of 2 findings is fixed\n"},
		{", kill_timout: 5000", nil, "the finding can be fixed safely: --fix --write does it\n"},
		{", kill_timout: 5000", []string{"--write"}, "the finding is fixed\n"},
	} {
		file := filepath.Join(t.TempDir(), "ecosystem.config.js")
		if err := os.WriteFile(file, []byte(head+c.settings+tail), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append([]string{"validate", "--fix", "--rule", "K001,K002"}, append(c.flags, file)...)
		if _, _, stderr := pm2drill(t, nil, args...); stderr != c.want {
			t.Errorf("%s %q: %q, want %q", c.settings, c.flags, stderr, c.want)
		}
	}
}

// TestWriteBaselineSays: a call that writes a baseline says what it has written.
func TestWriteBaselineSays(t *testing.T) {
	dir := t.TempDir()
	file, baseline := filepath.Join(dir, "ecosystem.config.js"), filepath.Join(dir, "b.json")
	if err := os.WriteFile(file, []byte("module.exports = { apps: [{ name: 'web', script: 'a.js', kill_timout: 5000 }] };\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := pm2drill(t, nil, "validate", "--write-baseline", baseline, "--format", "json", file)
	if code != 0 || !strings.HasPrefix(stderr, "findings written to "+baseline+": ") || strings.Contains(stdout, "written") {
		t.Errorf("exit code %d, stderr %q, stdout %s", code, stderr, stdout)
	}
}
