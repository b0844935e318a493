package observe

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// TestLookAtFiles: a file is looked for where Node looks for it, and nowhere but in the app's folder.
func TestLookAtFiles(t *testing.T) {
	root := t.TempDir()
	app := filepath.Join(root, "app")
	for name, text := range map[string]string{
		"app/lib/a.js": "", "app/lib/b.js": "", "app/node_modules/pg/package.json": "{}", "app/node_modules/@x/y/index.js": "",
		"app/whole.json": "{}", "app/half.json": `{"a":`, "secret.pem": "", "node_modules/outside/index.js": "",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	procs := []pm2.Process{{ID: 4, Name: "other", Cwd: root, Script: filepath.Join(root, "x.js")}, {ID: 0, Name: "web", Cwd: app, Script: filepath.Join(app, "lib/a.js")}}
	in := func(name string) string { return filepath.Join(app, name) }
	for _, c := range []struct {
		m    nodeerr.Missing
		path string
		want bool
	}{
		{nodeerr.Missing{Name: "pg", From: in("lib/a.js")}, in("node_modules/pg"), true},
		{nodeerr.Missing{Name: "@x/y/deep", From: in("lib/a.js")}, in("node_modules/@x/y"), true},
		{nodeerr.Missing{Name: "express", From: in("lib/a.js")}, in("node_modules/express"), false},
		{nodeerr.Missing{Name: "outside", From: in("lib/a.js")}, in("node_modules/outside"), false},
		{nodeerr.Missing{Name: "./b", From: in("lib/a.js")}, in("lib/b.js"), true},
		{nodeerr.Missing{Name: "whole.json"}, in("whole.json"), true},
		{nodeerr.Missing{Name: in("half.json"), Data: true}, in("half.json"), false},
		{nodeerr.Missing{Name: in("whole.json"), Data: true}, in("whole.json"), true},
		{nodeerr.Missing{Name: filepath.Join(root, "secret.pem")}, "", false},
		{nodeerr.Missing{Name: "../secret.pem"}, "", false},
		{nodeerr.Missing{Name: in("../secret.pem")}, "", false},
	} {
		got := lookAtFiles([]nodeerr.Missing{c.m}, procs, "web")
		if len(got) != 1 || got[0].Path != c.path || got[0].There != c.want {
			t.Errorf("%+v: %+v, want %s %v", c.m, got, c.path, c.want)
		}
	}
}
