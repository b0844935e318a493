package sandbox_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

// TestEvaluateWithoutAPackage has files that load what package.json wants and nobody has
// installed: what does not depend on it is decided, and nothing else.
func TestEvaluateWithoutAPackage(t *testing.T) {
	for _, x := range []struct{ name, source, undecided string }{
		{"alone", "require('dotenv').config(); module.exports = { apps: [{ name: 'a', script: 'a.js' }] };", ""},
		{"variables", "require('dotenv').config(); module.exports = { apps: [{ name: 'a', script: 'a.js', port: Number(process.env.PORT || 1), instances: 2 }] };", "port"},
		{"thrown error", "const r = require('dotenv').config(); if (r.error) throw r.error; module.exports = { apps: [{ name: 'a', port: process.env.PORT }] };", "port"},
		{"parsed", "const { parsed } = require('dotenv').config(); module.exports = { apps: [{ name: 'a', port: parsed.PORT, env: parsed }] };", "port env"},
		{"spread", "module.exports = { apps: [{ name: 'a', script: 'a.js', ...require('dotenv').common }] };", "name script"},
		{"function", "module.exports = { apps: [{ name: require('dotenv').title('a', 1), script: 'a.js' }] };", "name"},
		{"resolved", "module.exports = { apps: [{ name: 'a', script: require.resolve('dotenv') }] };", "script"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got := withoutDotenv(t, "ecosystem.config.js", x.source)
			if got.Unsupported != "" || got.Failure != nil || !slices.Equal(got.Absent, []string{"dotenv"}) {
				t.Fatalf("%+v", got)
			}
			for _, v := range got.Others {
				for key, same := range sameKeys(got.Value, v) {
					if !same && !slices.Contains(strings.Fields(x.undecided), key) {
						t.Errorf("%s differs", key)
					}
				}
			}
			for _, key := range strings.Fields(x.undecided) {
				if !slices.ContainsFunc(got.Others, func(v ecosystem.Value) bool { return !sameKeys(got.Value, v)[key] }) {
					t.Errorf("%s is decided, and nobody knows it: %s", key, got.Value.Inspect())
				}
			}
		})
	}
	for name, source := range map[string]string{
		"all of it": "module.exports = require('dotenv')();", "the list": "module.exports = { apps: require('dotenv').apps };",
	} {
		if got := withoutDotenv(t, "ecosystem.config.js", source); got.Unsupported == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := withoutDotenv(t, "ecosystem.config.mjs", "import { config } from 'dotenv'; config(); export const apps = [{ name: 'a' }];"); got.Unsupported != "" || len(got.Absent) != 1 {
		t.Errorf("imported: %+v", got)
	}
}

func withoutDotenv(t *testing.T, name, source string) ecosystem.Evaluation {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"dependencies": {"dotenv": "^17.0.0"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return sandbox.Evaluate(ecosystem.Request{Path: name, Dialect: ecosystem.Module, Source: []byte(source),
		Target: ecosystem.Target{CPUs: 2, Node: "26.10.0", PM2: "7.0.4", Cwd: dir, OS: environment}})
}

// sameKeys says of each key of the first app whether both values have the same.
func sameKeys(a, b ecosystem.Value) map[string]bool {
	out := map[string]bool{}
	one, two := a.Get("apps").Items[0], b.Get("apps").Items[0]
	for _, f := range one.Fields {
		out[f.Key] = f.Value.Inspect() == two.Get(f.Key).Inspect()
	}
	return out
}
