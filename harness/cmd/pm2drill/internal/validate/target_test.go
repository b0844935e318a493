package validate

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// TestTargetCwd holds the directory that pm2 is taken to be called in to where the file
// is: below this directory, in another project, or as --cwd says.
func TestTargetCwd(t *testing.T) {
	here, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{filepath.Join(here, "deploy"), filepath.Join(elsewhere, "deploy")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(elsewhere, "package.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	for _, x := range []struct{ cwd, file, want, path string }{
		{"", "deploy/ecosystem.config.js", here, "deploy/ecosystem.config.js"},
		{"", filepath.Join(elsewhere, "deploy/ecosystem.config.js"), elsewhere, filepath.Join(elsewhere, "deploy/ecosystem.config.js")},
		{"deploy", "deploy/ecosystem.config.js", filepath.Join(here, "deploy"), filepath.Join(here, "deploy/ecosystem.config.js")},
		{"/srv/nowhere", "ecosystem.config.js", "/srv/nowhere", "ecosystem.config.js"},
	} {
		flags := TargetFlags{CPUs: 4, Node: "26", PM2: "7.0.4", cwd: x.cwd}
		target, err := flags.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		if got := flags.resolveTarget(target, x.file).Cwd; got != x.want {
			t.Errorf("--cwd %q, %s: pm2 is called in %s, want %s", x.cwd, x.file, got, x.want)
		}
		if got := flags.resolveName(input{path: x.file}).path; got != x.path {
			t.Errorf("--cwd %q: %s is called %s, want %s", x.cwd, x.file, got, x.path)
		}
	}
}

func TestTargetRoute(t *testing.T) {
	flags := TargetFlags{CPUs: 4, Node: "26", PM2: "7.0.4", route: "runtime"}
	if target, err := flags.Resolve(); err != nil || target.Route != ecosystem.Runtime {
		t.Errorf("--target runtime is %q: %v", target.Route, err)
	}
	flags.route = "docker"
	if _, err := flags.Resolve(); err == nil {
		t.Error("--target docker is taken")
	}
}
