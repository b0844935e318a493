package folder

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func TestUnmet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := Unmet(dir); err == nil {
		t.Error("no report, no error")
	}
	if err := Write(dir, report.DigestOf(reporttest.BrokenSample())); err != nil {
		t.Fatal(err)
	}
	was, err := Unmet(dir)
	if err != nil {
		t.Fatal(err)
	}
	for scenario, want := range map[string][]string{
		"stalled-worker": {"healthy", "engine"},
		"dies-at-boot-while-its-database-is-down": {"decoy"},
		"port-held-by-a-stranger":                 {"control", "engine"},
	} {
		if got := was[scenario]; !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", scenario, got, want)
		}
	}
}
