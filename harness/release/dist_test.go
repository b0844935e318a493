package release

import (
	"crypto/sha256"
	"debug/elf"
	"debug/macho"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// dist is the folder that goreleaser has written (make release-dry-run).
func dist(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PM2DRILL_DIST")
	if dir == "" {
		t.Skip("PM2DRILL_DIST names no folder of a release: make release-dry-run")
	}
	return dir
}

// TestArchives: each platform has an archive whose checksum is told, and whose binary is for it.
func TestArchives(t *testing.T) {
	dir := dist(t)
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	for _, platform := range []string{"linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"} {
		name := "pm2drill-" + platform + ".tar.gz"
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if line := fmt.Sprintf("%x  %s\n", sha256.Sum256(text), name); !strings.Contains(string(sums), line) {
			t.Errorf("SHA256SUMS has no line %q", line)
		}
		into := t.TempDir()
		if code, said := run(t, into, nil, "tar", "-xzf", filepath.Join(dir, name)); code != 0 {
			t.Errorf("cannot unpack %s: %s", name, said)
		}
		for _, file := range []string{"LICENSE", "THIRD_PARTY.md", "CHANGELOG.md"} {
			if _, err := os.Stat(filepath.Join(into, file)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := platformOf(filepath.Join(into, "pm2drill")); got != platform {
			t.Errorf("the binary of %s is for %q", name, got)
		}
	}
}

// platformOf returns what an executable runs on, e.g. linux-amd64.
func platformOf(file string) string {
	if f, err := elf.Open(file); err == nil {
		defer f.Close()
		return map[elf.Machine]string{elf.EM_X86_64: "linux-amd64", elf.EM_AARCH64: "linux-arm64"}[f.Machine]
	}
	if f, err := macho.Open(file); err == nil {
		defer f.Close()
		return map[macho.Cpu]string{macho.CpuAmd64: "darwin-amd64", macho.CpuArm64: "darwin-arm64"}[f.Cpu]
	}
	return ""
}

// TestDebian: the package has the binary, the unit and the licences, and systemd takes the unit.
func TestDebian(t *testing.T) {
	dir := dist(t)
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("dpkg-deb is not installed")
	}
	found, err := filepath.Glob(filepath.Join(dir, "pm2drill_*_amd64.deb"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v %v", found, err)
	}
	into := t.TempDir()
	if code, said := run(t, into, nil, "dpkg-deb", "-x", found[0], "."); code != 0 {
		t.Fatal(said)
	}
	for _, name := range []string{"usr/bin/pm2drill", "usr/lib/systemd/system/pm2drill-engine@.service", "usr/share/doc/pm2drill/copyright", "etc/pm2drill"} {
		if _, err := os.Stat(filepath.Join(into, name)); err != nil {
			t.Error(err)
		}
	}
	if _, said := run(t, into, nil, "dpkg-deb", "-f", found[0], "Package", "Architecture"); said != "Package: pm2drill\nArchitecture: amd64\n" {
		t.Errorf("the package says %q", said)
	}
	if _, err := exec.LookPath("systemd-analyze"); err == nil {
		code, said := run(t, into, nil, "systemd-analyze", "verify", "--root="+into, "--man=no", "pm2drill-engine@web.service")
		if code != 0 || strings.Contains(said, "Unknown") {
			t.Errorf("systemd-analyze: exit code %d: %s", code, said)
		}
	}
}

// TestPackagesOfRelease: npm packages can be made of the archives, one for each platform.
func TestPackagesOfRelease(t *testing.T) {
	dir, out := dist(t), t.TempDir()
	if code, said := run(t, root, nil, ".packaging/npm/build.sh", "v1.2.3", dir, out); code != 0 {
		t.Fatalf("build.sh: exit code %d: %s", code, said)
	}
	if found, err := filepath.Glob(filepath.Join(out, "*.tgz")); err != nil || len(found) != 5 {
		t.Errorf("%v %v", found, err)
	}
}
