package lint_test

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
	"github.com/pm2drill/pm2drill/harness/lint"
)

// TestMalformedYAML holds that YAML that PM2 refuses is an error with its place.
func TestMalformedYAML(t *testing.T) {
	for text, want := range map[string][2]int{
		"apps:\n\t- name: a\n\t  script: a.js\n":                    {2, 1},
		"apps:\n  - name: a\n   script: b\n":                        {3, 4},
		"apps:\n  - name: \"a\n    script: b\n":                     {2, 11},
		"apps: [{name: a, script: b]\n":                             {1, 27},
		"apps:\n  - name: a\n    name: b\n":                         {3, 5},
		"apps:\n  - name: a\n    env: *e\n":                         {3, 10},
		"apps:\n  - name: a\n    cwd: %HOME%\n":                     {3, 10},
		"apps:\n  - name: a\n---\napps:\n  - name: b\n":             {3, 1},
		"apps:\n  - name: a\n    env: !vault x\n    script: b.js\n": {3, 10},
	} {
		req := ecosystem.Request{Path: "ecosystem.yml", Dialect: ecosystem.YAML, Source: []byte(text), Target: ecosystem.Target{PM2: "7.0.4", Node: "26.10.0", CPUs: 4, Cwd: t.TempDir()}}
		loaded := sandbox.Evaluate(req)
		if loaded.Unsupported != "" {
			t.Errorf("%q is unsupported: %s", text, loaded.Unsupported)
			continue
		}
		found := lint.Check(lint.NewSubject(req, loaded, lint.Host{}), lint.Rules())
		if len(found) != 1 || found[0].Rule != "L001" || found[0].Line != want[0] || found[0].Col != want[1] {
			t.Errorf("%q: %+v, want L001 at %v", text, found, want)
		}
	}
}

// TestUnreadablePackage holds that L001 names the package.json which Node refuses, in the
// words of each line of Node.
func TestUnreadablePackage(t *testing.T) {
	for _, said := range []string{
		"Error: Error parsing /srv/my app/package.json: Unexpected end of JSON input",
		"Error [ERR_INVALID_PACKAGE_CONFIG]: Invalid package config /srv/my app/package.json.",
	} {
		loaded := ecosystem.Evaluation{Failure: &ecosystem.Failure{Class: ecosystem.Thrown, Message: said}}
		s := lint.NewSubject(ecosystem.Request{Path: "/srv/my app/ecosystem.config.js", Dialect: ecosystem.Module}, loaded, lint.Host{})
		found := lint.Check(s, lint.Rules())
		if len(found) != 1 || found[0].Rule != "L001" || !strings.Contains(found[0].Fix, "Mend package.json") {
			t.Errorf("%s: %+v", said, found)
		}
	}
}
