package compare

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func TestLeague(t *testing.T) {
	good, bad := report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.HealthySample(), reporttest.EngineSample()}}, report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.HealthySample(), reporttest.EngineSample()}}
	x := &bad.Drills[1]
	x.Verdict, x.Rulings = promise.Broken, append([]promise.Ruling{}, x.Rulings...)
	x.Rulings[0].Verdict = promise.Broken
	got, err := League([]Side{{"worse", report.DigestOf(bad)}, {"better", report.DigestOf(good)}})
	if err != nil {
		t.Fatal(err)
	}
	better, worse := strings.Index(got, "| better"), strings.Index(got, "| worse")
	if better < 0 || worse < better {
		t.Errorf("the better one must come first:\n%s", got)
	}
	for _, want := range []string{"| 1 of 1 | 1 of 1 |", "| 0 of 1 | 1 of 1 |", "2 drills of each"} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in:\n%s", want, got)
		}
	}
}

func TestLeagueComparesLikeWithLike(t *testing.T) {
	a, b := report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.HealthySample(), reporttest.EngineSample()}}, report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.EngineSample()}}
	if _, err := League([]Side{{"a", report.DigestOf(a)}, {"b", report.DigestOf(b)}}); err == nil {
		t.Error("other arms must be refused")
	}
	b = report.Report{Run: reporttest.SampleRun(), Drills: a.Drills}
	b.Run.Versions.PM2 = "5.4.3"
	if _, err := League([]Side{{"a", report.DigestOf(a)}, {"b", report.DigestOf(b)}}); err == nil {
		t.Error("another PM2 must be refused")
	}
}
