package matrix

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/scenarios"
)

// TestChoose: an arm without an engine is drilled, and every public issue has its row.
func TestChoose(t *testing.T) {
	todo, rows, err := choose([]string{"port-self", "claim-wait-ready", "operator-stop"})
	if err != nil || len(todo) != 2 {
		t.Fatalf("%d scenarios are drilled (%v), want 2", len(todo), err)
	}
	issues, arms := len(listUndrilled()), map[string]string{}
	for _, r := range rows {
		issues += len(r.Issues)
		arms[r.Scenario] = r.Arm
	}
	if issues != len(scenarios.Issues()) {
		t.Errorf("%d issues have a row, want %d", issues, len(scenarios.Issues()))
	}
	if arms["port-self"] != "control" || arms["claim-wait-ready"] != "claim" || arms["operator-stop"] != "" {
		t.Errorf("arms are %v", arms)
	}
	if _, _, err := choose([]string{"operator-stop"}); err == nil || !strings.Contains(err.Error(), "control arm") {
		t.Errorf("a scenario with a decoy alone: %v", err)
	}
}

// TestSplitVersions: each once, in their order.
func TestSplitVersions(t *testing.T) {
	if got := splitVersions("7.0.4, 6.0.14,,7.0.4"); !slices.Equal(got, []string{"7.0.4", "6.0.14"}) {
		t.Errorf("%q", got)
	}
}

// TestLock: a version that the clone has keeps its lock file, and one that was made before is
// not made again. The sum is that of the file.
func TestLock(t *testing.T) {
	clone, locks := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		filepath.Join(clone, "images", "build.sh"):                              "",
		filepath.Join(clone, "images", "pm2", "7.0.4", "package-lock.json"):     "abc",
		filepath.Join(locks, "7.0.3", "package-lock.json"):                      "",
		filepath.Join(clone, "harness", "deep", "within", "it", "of-no-import"): "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := locate(filepath.Join(clone, "harness", "deep", "within"), locks, io.Discard)
	if err != nil || b.clone != clone {
		t.Fatalf("the clone is %q (%v), want %q", b.clone, err, clone)
	}
	for version, want := range map[string][2]string{ // SHA-256 of "abc" (FIPS 180-2, appendix B.1), and of nothing
		"7.0.4": {filepath.Join(clone, "images", "pm2", "7.0.4"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		"7.0.3": {filepath.Join(locks, "7.0.3"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	} {
		if dir, sum, err := b.lock(t.Context(), version); err != nil || dir != want[0] || sum != want[1] {
			t.Errorf("%s: %s, %s, %v", version, dir, sum, err)
		}
	}
	if _, err := locate(t.TempDir(), locks, io.Discard); err == nil || !strings.Contains(err.Error(), "clone of pm2drill") {
		t.Errorf("outside a clone: %v", err)
	}
}
