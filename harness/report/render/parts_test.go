package render

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestWhatFailed: the headline and a table say which part of the engine's work failed.
func TestWhatFailed(t *testing.T) {
	r := report.Report{Drills: []report.Drill{reporttest.FailedAt("alerts", "diagnoses"), reporttest.HealthySample()}}
	if got := strings.Join(describeFailedParts(report.DigestOf(r)), ""); got != "What failed: port-taken engine (diagnose, alert)." {
		t.Errorf("the sentence is %q", got)
	}
	var b strings.Builder
	PartTable(report.DigestOf(r)).Markdown(&b)
	if got := b.String(); !strings.Contains(got, "engine |  | **diagnoses** | **alerts** |") || strings.Contains(got, "healthy") {
		t.Errorf("the table is\n%s", got)
	}
	if calm := (report.Report{Drills: []report.Drill{reporttest.HealthySample()}}); len(PartTable(report.DigestOf(calm)).Rows) > 0 || describeFailedParts(report.DigestOf(calm)) != nil {
		t.Error("something failed where nothing did")
	}
}

// TestEveryPromiseHasAPart: heal is what it comes to by decision and not by default.
func TestEveryPromiseHasAPart(t *testing.T) {
	heals := []string{"recovers", "replaces", "stops-losing", "stops-churning", "stays-fast", "stays-up", "keeps-running", "runs-once",
		"scales", "reconfigures", "answers-ready", "lone-listener", "one-listener", "shares-evenly", "weathers", "takes-effect"}
	files, err := filepath.Glob("../../promise/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`Name: +"([a-z-]+)"`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if heal := strings.Contains(" "+strings.Join(heals, " ")+" ", " "+m[1]+" "); heal != (report.PartOf(m[1]) == report.PartHeal) {
				t.Errorf("%s is of the part %q: give it its own in parts.go, or name it here", m[1], report.PartOf(m[1]))
			}
		}
	}
}
