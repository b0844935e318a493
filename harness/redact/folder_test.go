package redact

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLearnedParts: what a value of a variable holds is known by itself: items of lists,
// passwords of pairs, texts in JSON and in base64.
func TestLearnedParts(t *testing.T) {
	for value, part := range map[string]string{
		"aaa111,codeTwo22,ccc333":             "codeTwo22",
		"svc:lg!n0ne":                         "lg!n0ne",
		"bob:pw-one-1;amy:pwTwo!2":            "pwTwo!2",
		`{"inner":"innerV4l","n":1}`:          "innerV4l",
		`[{"deep":{"pass":"sesame"}}]`:        "sesame",
		"b3BlbnNlc2FtZTppbnNpZGU2NHZhbA==":    "inside64val",
		"eyJ4Ijp7InNlY3JldCI6ImI2NGpzb24ifX0": "b64json",
	} {
		r := new(Redactor)
		r.LearnVariables(map[string]string{"BUNDLE": value})
		for _, text := range []string{part, url.QueryEscape(url.QueryEscape(part)), fmt.Sprintf("<Buffer % x>", part)} {
			if got := r.Clean("said " + text + " there"); strings.Contains(got, text) {
				t.Errorf("%s: %q becomes %q", value, text, got)
			}
		}
	}
	r := new(Redactor)
	r.LearnVariables(map[string]string{"KAFKA_BROKERS": "kafka1:9092,kafka2:9092", "DB_PASSWORD": "moddbpw"})
	r.LearnArguments([]string{"lastArg.Qq4", "--token", "ab1d", "--host=db1.internal"})
	for _, gone := range []string{"moddbpw", "lastArg.Qq4", "ab1d"} {
		if got := r.Clean("x " + gone); strings.Contains(got, gone) {
			t.Errorf("%q becomes %q", gone, got)
		}
	}
	for _, kept := range []string{"connect ECONNREFUSED kafka2:9092", "db1.internal"} {
		if got := r.Clean(kept); got != kept {
			t.Errorf("%q becomes %q", kept, got)
		}
	}
}

// TestLearnedFolder: the settings beside an app are known, whatever their syntax.
func TestLearnedFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ecosystem.yaml": "apps:\n  - name: third\n    env:\n      FOO: yamlPlain88\n    args: --z yamlArg99\n    list:\n      - yamlItem77\n",
		"ecosystem.json": `{"apps":[{"name":"other","script":"o.js","args":"--k jsonArg66"}]}`,
		"package.json":   `{"scripts":{"deploy":"curl -H 'X-Deploy: dPl0y!zebra' https://d"},"publishConfig":{"registry":"https://bob:regpw17@r"}}`,
		"live/vars":      "FROM_FILE=fileVar31x\n",
		"config/a.env":   "ANOTHER=otherVar32x\n",
		".git/config":    "[http]\n\textraheader = AUTHORIZATION: basic Z2l0OmhlYWRlcjk5\n",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal([]any{map[string]any{"pm2_env": map[string]any{"pm_cwd": dir, "pm_exec_path": filepath.Join(dir, "server.js"), "node_args": []string{"--env-file=live/vars"}}}})
	if err != nil {
		t.Fatal(err)
	}
	r := new(Redactor)
	r.LearnHost(t.TempDir(), list)
	for _, secret := range []string{"yamlPlain88", "yamlArg99", "yamlItem77", "jsonArg66", "dPl0y!zebra", "regpw17", "fileVar31x", "otherVar32x", "Z2l0OmhlYWRlcjk5"} {
		if got := r.Clean("said " + secret); strings.Contains(got, secret) {
			t.Errorf("%q becomes %q", secret, got)
		}
	}
	for _, kept := range []string{"third", "server.js", "registry", "cluster"} {
		if got := r.Clean(kept); got != kept {
			t.Errorf("%q becomes %q", kept, got)
		}
	}
}
