package release

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// root is the repository's root, from this package's folder.
const root = "../.."

// build builds pm2drill as a release of the version, and returns its path.
func build(t *testing.T, version string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "pm2drill")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w -X github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli.release="+version, "-o", out, "./harness/cmd/pm2drill")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build pm2drill: %v: %s", err, text)
	}
	return out
}

// archive writes the binary into a folder as a release has it.
func archive(t *testing.T, binary, dir, name string) {
	t.Helper()
	text, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	zipped, _ := gzip.NewWriterLevel(f, gzip.BestSpeed)
	packed := tar.NewWriter(zipped)
	_ = packed.WriteHeader(&tar.Header{Name: "pm2drill", Mode: 0o755, Size: int64(len(text))})
	_, err = packed.Write(text)
	if err := errors.Join(err, packed.Close(), zipped.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// run runs a command in a folder and returns its exit code and all that it prints.
func run(t *testing.T, dir string, env []string, words ...string) (int, string) {
	t.Helper()
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	text, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatalf("cannot run %s: %v", words, err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// TestNPM: the packages install offline from their tarballs without scripts, and the command
// finds the fault of a file. Where the platform has no package, it says so.
func TestNPM(t *testing.T) {
	if os.Getenv("PM2DRILL_NPM_TEST") == "" {
		t.Skip("PM2DRILL_NPM_TEST is not set: `make test-docker` runs this, when the command has been built")
	}
	for _, tool := range []string{"npm", "node", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	const version = "1.2.3-rc.1"
	binary := build(t, "v"+version)
	built, packed, app := t.TempDir(), t.TempDir(), t.TempDir()
	platform := runtime.GOOS + "-" + strings.Replace(runtime.GOARCH, "amd64", "x64", 1)
	archive(t, binary, built, "pm2drill-"+runtime.GOOS+"-"+runtime.GOARCH+".tar.gz")
	archive(t, binary, built, "pm2drill-darwin-arm64.tar.gz")
	env := []string{"npm_config_cache=" + t.TempDir(), "npm_config_update_notifier=false"}
	if code, said := run(t, root, env, ".packaging/npm/build.sh", "v"+version, built, packed); code != 0 {
		t.Fatalf("build.sh: exit code %d: %s", code, said)
	}
	main := filepath.Join(packed, "pm2drill-"+version+".tgz")
	own := filepath.Join(packed, "pm2drill-"+platform+"-"+version+".tgz")
	install := []string{"npm", "install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts"}
	if code, said := run(t, app, env, append(install, main, own)...); code != 0 {
		t.Fatalf("npm install: exit code %d: %s", code, said)
	}
	if code, said := run(t, app, env, "npx", "--offline", "--no", "pm2drill", "version"); code != 0 || said != "pm2drill v"+version+"\n" {
		t.Errorf("pm2drill version: exit code %d, %q", code, said)
	}
	broken := `{"apps":[{"name":"web","script":"server.js","exec_mode":"cluster","instances":"many"}]}`
	if err := os.WriteFile(filepath.Join(app, "ecosystem.json"), []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	code, said := run(t, app, env, "npx", "--offline", "--no", "pm2drill", "validate", "ecosystem.json")
	if code != 1 || !strings.Contains(said, "instances") {
		t.Errorf("validate: exit code %d: %s", code, said)
	}
	checkManifests(t, app, platform, version)
	checkMissing(t, app, env, platform)
}

// checkManifests makes sure that all packages have one version and no script.
func checkManifests(t *testing.T, app, platform, version string) {
	for _, name := range []string{"pm2drill", "@pm2drill/" + platform} {
		var manifest struct {
			Version              string
			Scripts              map[string]string
			OptionalDependencies map[string]string
		}
		text, err := os.ReadFile(filepath.Join(app, "node_modules", name, "package.json"))
		if err == nil {
			err = json.Unmarshal(text, &manifest)
		}
		if err != nil || manifest.Version != version || len(manifest.Scripts) > 0 {
			t.Errorf("%s: %v %+v", name, err, manifest)
		}
		for dependency, version := range manifest.OptionalDependencies {
			if version != manifest.Version {
				t.Errorf("%s depends on %s %s", name, dependency, version)
			}
		}
	}
}

// checkMissing makes sure that a platform without a package, and a package that was left
// out, are named with what to do.
func checkMissing(t *testing.T, app string, env []string, platform string) {
	as := filepath.Join(app, "as.js")
	script := `Object.defineProperty(process, 'platform', {value: 'sunos'})`
	if err := os.WriteFile(as, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	start := filepath.Join("node_modules", "pm2drill", "pm2drill.js")
	code, said := run(t, app, env, "node", "-r", as, start, "version")
	if code != 64 || !strings.Contains(said, "sunos-") || !strings.Contains(said, platform) || !strings.Contains(said, "go install") {
		t.Errorf("another platform: exit code %d: %s", code, said)
	}
	if err := os.RemoveAll(filepath.Join(app, "node_modules", "@pm2drill")); err != nil {
		t.Fatal(err)
	}
	code, said = run(t, app, env, "node", start, "version")
	if code != 64 || !strings.Contains(said, "@pm2drill/"+platform) || !strings.Contains(said, "--omit=optional") {
		t.Errorf("without its package: exit code %d: %s", code, said)
	}
}
