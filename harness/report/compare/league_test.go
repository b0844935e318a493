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

// TestLeaguePlaces: one drill apart proves nothing, and engines share places; many do.
func TestLeaguePlaces(t *testing.T) {
	good, bad := reporttest.EngineSample(), reporttest.EngineSample()
	bad.Verdict = promise.Broken
	bad.Rulings = append([]promise.Ruling{}, bad.Rulings...)
	bad.Rulings[0].Verdict = promise.Broken
	side := func(name string, d report.Drill, n int) Side {
		r := report.Report{Run: reporttest.SampleRun()}
		for range n {
			r.Drills = append(r.Drills, d)
		}
		return Side{name, report.DigestOf(r)}
	}
	for n, want := range map[int][2]string{1: {"1–2", "1–2"}, 20: {"1", "2"}} {
		lines := buildStandings([]Side{side("worse", bad, n), side("better", good, n)}).Rows
		if got := [2]string{lines[0][1].Text, lines[1][1].Text}; got != want {
			t.Errorf("%d drills each: places %v, want %v", n, got, want)
		}
		if !strings.HasPrefix(lines[0][0].Text, "better") {
			t.Errorf("%d drills each: %s comes first", n, lines[0][0].Text)
		}
	}
	if got := buildStandings([]Side{side("none", reporttest.EngineSample(), 0)}).Rows[0]; got[1].Text != "1" || got[2].Text != "0–100 %" {
		t.Errorf("of nothing: %+v", got)
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
