package sandbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

// TestEvaluateReadsThePackage holds what a package.json that is no JSON does to a
// configuration beside it, as it was seen on Node 18.20, 20.20, 22.23, 24.21 and 26.10.
func TestEvaluateReadsThePackage(t *testing.T) {
	const plain = "module.exports = { apps: [{ name: 'a', script: 's.js' }] };"
	const required = "module.exports = require('./apps.cjs');"
	const builtin = "require('node:fs'); require('path');" + plain
	for _, c := range []struct {
		what, text string
		old, fresh string // where Node 20 and Node 26 say that it is broken; "" if they load the file
	}{
		{"whole", `{"name": "x", "dependencies": {"a": "1"}}`, "", ""},
		{"with a byte order mark", "\ufeff{}", "", ""},
		{"a comma within", "{\n  \"dependencies\": { \"a\": \"1\", }\n}", "line 2, column 31", ""},
		{"a comma at its end", `{"name": "x", }`, "line 1, column 15", "line 1, column 15"},
		{"empty", "", "line 1, column 1", "line 1, column 1"},
		{"a list", "[]", "", "line 1, column 1"},
		{"a comment before", "// x\n{}", "line 1, column 1", "line 1, column 1"},
		{"in conflict", "{\n<<<<<<< HEAD\n\"a\": 1\n}", "line 2, column 1", "line 2, column 1"},
		{"in conflict within", "{ \"dependencies\": {\n<<<<<<< HEAD\n\"a\": 1\n} }", "line 2, column 1", ""},
		{"no comma", `{ "name": "x" "version": "1" }`, "line 1, column 15", "line 1, column 15"},
		{"never closed", `{ "name": "x", "a": { "b": "1" }`, "line 1, column 32", "line 1, column 33"},
		{"a tab in a string", "{ \"name\": \"a\tb\" }", "line 1, column 13", "line 1, column 13"},
		{"words after it", `{ "name": "x" } trailing`, "line 1, column 17", "line 1, column 17"},
	} {
		for _, file := range []struct {
			name, text string
			reads      bool // whether Node reads the package.json for it
		}{
			{"ecosystem.config.js", plain, true}, {"ecosystem.config.cjs", plain, false}, {"ecosystem.config.cjs", required, true}, {"ecosystem.config.cjs", builtin, false}, {"deploy/ecosystem.config.js", plain, true},
		} {
			for node, at := range map[string]string{"20.20.2": c.old, "26.10.0": c.fresh} {
				dir := t.TempDir()
				path := filepath.Join(dir, file.name)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				for name, text := range map[string]string{path: file.text, filepath.Join(dir, "package.json"): c.text, filepath.Join(dir, "apps.cjs"): plain} {
					if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				got := sandbox.Evaluate(ecosystem.Request{Path: path, Dialect: ecosystem.Module, Source: []byte(file.text), Target: ecosystem.Target{CPUs: 2, Node: node, PM2: "7.0.4", Cwd: dir}})
				said := ""
				if got.Failure != nil {
					said = got.Failure.Message
				}
				if want := file.reads && at != ""; want != (said != "") || want && !strings.Contains(said, at) || got.Unsupported != "" {
					t.Errorf("%s, Node %s, %s %q: it says %q (%s), want %q", c.what, node, file.name, file.text, said, got.Unsupported, at)
				}
			}
		}
	}
}
