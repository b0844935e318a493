package sandbox_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

// TestFilesOfTheHost leaves a configuration undecided that ends for want of a file which each
// host has for itself, and has it fail for want of any other.
func TestFilesOfTheHost(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"package.json": "{}", ".gitignore": "secrets.json\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		file    string
		decided bool
	}{
		{"/home/nobody-here/shop/settings.txt", false},
		{"./.env", false},
		{"./config/.env.production", false},
		{"./secrets.json", false},
		{"./settings.txt", true},
		{"/etc/no-such-file-of-ours", true},
	} {
		got := sandbox.Evaluate(ecosystem.Request{Path: filepath.Join(dir, "ecosystem.config.js"), Dialect: ecosystem.Module, Target: ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", Cwd: dir},
			Source: []byte("const text = require('fs').readFileSync('" + c.file + "', 'utf8');\nmodule.exports = { apps: [{ script: 'a.js', name: text }] };")})
		if decided := got.Failure != nil && got.Unsupported == ""; decided != c.decided {
			t.Errorf("%s: failure %+v, unsupported %q", c.file, got.Failure, got.Unsupported)
		}
	}
	caught := sandbox.Evaluate(ecosystem.Request{Path: filepath.Join(dir, "ecosystem.config.js"), Dialect: ecosystem.Module, Target: ecosystem.Target{Cwd: dir, Node: "26.10.0", PM2: "7.0.4"},
		Source: []byte("try { require('fs').readFileSync('./.env') } catch {}\nmodule.exports = { apps: [{ script: 'a.js' }] };")})
	if caught.Failure != nil || caught.Unsupported != "" {
		t.Errorf("caught: %+v, %q", caught.Failure, caught.Unsupported)
	}
}
