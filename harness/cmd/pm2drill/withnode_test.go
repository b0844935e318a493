package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// written is a file in a new folder, with the files beside it.
func written(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "ecosystem.config.js")
}

const beyond = "const { Readable } = require('stream');\nmodule.exports = { apps: [{ name: 'web', script: __filename, kill_timout: typeof Readable === 'function' ? 1 : 2 }] };\n"

const leaks = "const { Readable } = require('stream');\nconst key = require('fs').readFileSync(__dirname + '/.env', 'utf8').split('=')[1].trim();\nthrow new Error(`no answer for ${key}`);\n"

// validated is how validate ends, and what it says.
type validated func(args ...string) (code int, stdout, stderr string)

// withNodeIn holds one place to what --with-node promises.
func withNodeIn(t *testing.T, place string, validate validated) {
	t.Helper()
	file := written(t, map[string]string{"ecosystem.config.js": beyond, "package.json": "{}"})
	code, out, errs := validate(file)
	if strings.Contains(out, "busy host") {
		t.Skip("proves nothing: the host is too busy")
	}
	if code != cli.ExitInconclusive || !strings.Contains(out, "--with-node") || !strings.Contains(strings.Join(strings.Fields(out), " "), "(line 1: const { Readable } = require('stream');)") {
		t.Errorf("without: %d\n%s%s", code, out, errs)
	}
	code, out, errs = validate("--with-node="+place, file)
	if code != cli.ExitBroken || !strings.Contains(out, "K001") || !strings.Contains(out, ":2:") || strings.Contains(out, "cannot be said") {
		t.Errorf("with: %d\n%s%s", code, out, errs)
	}
	file = written(t, map[string]string{"ecosystem.config.js": leaks, ".env": "SIGNING_KEY=q8Zr2kX0vWq91mmB\n", "package.json": "{}"})
	code, out, errs = validate("--with-node="+place, file)
	if strings.Contains(out, "busy host") {
		t.Skip("proves nothing: the host is too busy")
	}
	if code != cli.ExitBroken || !strings.Contains(out, "L001") || !strings.Contains(out, ":3:") {
		t.Errorf("a throw: %d\n%s%s", code, out, errs)
	}
	if strings.Contains(out+errs, "q8Zr2kX0vWq91mmB") {
		t.Errorf("the secret is told:\n%s%s", out, errs)
	}
}

func TestWithNodeOfThisHost(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("needs node on PATH")
	}
	withNodeIn(t, "host", func(args ...string) (int, string, string) {
		return pm2drill(t, nil, append([]string{"validate"}, args...)...)
	})
}

func TestDockerWithNode(t *testing.T) {
	if os.Getenv("PM2DRILL_DOCKER_TEST") == "" {
		t.Skip("set PM2DRILL_DOCKER_TEST=1 to run against Docker; make test-docker does")
	}
	binary := built(t)
	withNodeIn(t, "container", func(args ...string) (int, string, string) {
		cmd := exec.Command(binary, append([]string{"validate"}, args...)...)
		var out, errs strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), out.String(), errs.String()
	})
}
