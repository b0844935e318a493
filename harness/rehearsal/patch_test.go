package rehearsal

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/lint"
)

const (
	plainFile = "module.exports = {\n  apps: [{\n    name: 'shop',\n    script: './server.js',\n    env: {\n      A: 'x',\n      TOKEN: 'secret',\n    },\n  }],\n};\n"
	settings  = "    name: 'shop',\n    kill_timeout: 6000,\n"
)

// TestGitAppliesPatch has git apply each patch in the folder of its file, as people do.
func TestGitAppliesPatch(t *testing.T) {
	for _, c := range []struct {
		name, file, source string
	}{
		{"a file", "ecosystem.config.js", plainFile},
		{"a file that ends without a newline", "ecosystem.config.js", strings.TrimSuffix(plainFile, "\n")},
		{"lines that end with CRLF", "ecosystem.config.js", strings.ReplaceAll(plainFile, "\n", "\r\n")},
		{"a name with a space", "my app.config.js", plainFile},
		{"a file in a folder", "deploy/ecosystem.config.js", plainFile},
		{"the first line", "ecosystem.config.js", "    name: 'shop',\n    script: 'a.js'\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := strings.Replace(c.source, "    name: 'shop',", strings.TrimSuffix(settings, "\n"), 1)
			patch, err := Patch(c.file, []byte(c.source), []byte(want), func(string) bool { return false })
			if err != nil {
				t.Fatal(err)
			}
			if got := applied(t, c.file, c.source, patch); got != want {
				t.Errorf("git apply made\n%s\nwant\n%s\nof\n%s", got, want, patch)
			}
		})
	}
}

// applied is what git makes of the file in a new repository.
func applied(t *testing.T, file, source, patch string) string {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, file)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{name: source, filepath.Join(dir, "settings.patch"): patch} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"apply", "--check", "settings.patch"}, {"apply", "settings.patch"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s\n%s", args, err, out, patch)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

// TestPatchDisclosesNothing: a secret beside the setting takes the lines around it away,
// and the whole patch where it stands on the next line.
func TestPatchDisclosesNothing(t *testing.T) {
	secret := func(patch string) bool { return strings.Contains(patch, "secret") }
	after := []byte(strings.Replace(plainFile, "    script: './server.js',\n", "    script: './server.js',\n    kill_timeout: 6000,\n", 1))
	patch, err := Patch("f.js", []byte(plainFile), after, secret)
	if err != nil || secret(patch) || !strings.Contains(patch, "+    kill_timeout: 6000,") || !strings.Contains(patch, "A: 'x'") {
		t.Errorf("%v: %s", err, patch)
	}
	applied(t, "f.js", plainFile, patch)
	after = []byte(strings.Replace(plainFile, "      A: 'x',\n", "      A: 'x',\n      B: 'y',\n", 1))
	if patch, err = Patch("f.js", []byte(plainFile), after, secret); err != nil || patch != "" {
		t.Errorf("%v: %s", err, patch)
	}
}

// TestProposalsApply: what is proposed of a file applies to it.
func TestProposalsApply(t *testing.T) {
	s := subject(t, "")
	after, n := lint.Mend(s, lint.Settle(s.Apps[0], []lint.Pair{{Key: "kill_timeout", Value: "6000"}}))
	if n == 0 {
		t.Fatal("nothing was mended")
	}
	patch, err := Patch("ecosystem.json", s.Source, after, func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	if got := applied(t, "ecosystem.json", string(s.Source), patch); !strings.Contains(got, "kill_timeout\": 6000") {
		t.Errorf("git apply made %s", got)
	}
}
