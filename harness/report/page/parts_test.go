package page

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestFirstLook: a failed diagnosis is what a reader sees first, and not a loss that has
// nothing to do with it.
func TestFirstLook(t *testing.T) {
	for _, c := range []struct {
		broken, label string
	}{{"diagnoses", "first failure, diagnoses"}, {"spares-requests", "first loss"}, {"recovers", "first loss"}, {"acts-at-most", "first failure, acts-at-most"}} {
		if got := findFirstLook(report.DigestOf(report.Report{Drills: []report.Drill{reporttest.HealthySample(), reporttest.FailedAt(c.broken)}})); got == nil || got.Label != c.label {
			t.Errorf("%s is broken: %+v, want %s", c.broken, got, c.label)
		}
	}
}

// TestOwnName: the page says what the engine calls itself, beside its command.
func TestOwnName(t *testing.T) {
	d := reporttest.HealthySample()
	d.Record.Claims = append([]evidence.Claim{{Type: "ready", Raw: []byte(`{"type":"ready","engine":"medic","version":"2.1"}`)}}, d.Record.Claims...)
	r := report.Report{Run: report.Run{Versions: report.Versions{Engine: "./engine.sh"}}, Drills: []report.Drill{d, reporttest.FailedAt("diagnoses")}}
	var page bytes.Buffer
	if err := HTML(&page, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"medic 2.1", `<span class="which">diagnoses</span>`, `<b class="which">diagnoses</b>`} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if got := render.VersionLine(report.DigestOf(r)); !strings.Contains(got, "engine ./engine.sh, which calls itself medic 2.1") {
		t.Errorf("the line of versions is %q", got)
	}
}
