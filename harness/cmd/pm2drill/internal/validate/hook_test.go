package validate

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestHookKnowsTheNames: pre-commit hands on just the files that `validate DIR` would
// look at.
func TestHookKnowsTheNames(t *testing.T) {
	text, err := os.ReadFile("../../../../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, pattern, ok := strings.Cut(string(text), "files: ")
	if !ok {
		t.Fatal("the hook names no files")
	}
	hook := regexp.MustCompile(strings.TrimSpace(pattern))
	dir := t.TempDir()
	names := []string{
		"ecosystem.config.js", "ecosystem.json", "ecosystem-prod.yml", "ecosystem.config.cjs", "pm2.config.mjs", "pm2-apps.json",
		"process.json", "processes.yaml", "process.prod.json", "ecosystem.config.ts",
		"processing.js", "package.json", "server.js", "ecosystem.md", "my-ecosystem.js",
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, _, err := FindConfigs(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file := filepath.Join(dir, name)
		if looked, handed := slices.Contains(found, file), hook.MatchString("deploy/"+name); looked != handed {
			t.Errorf("%s: validate looks at it: %v, the hook hands it on: %v", name, looked, handed)
		}
	}
}
