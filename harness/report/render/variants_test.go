package render

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestVariantSums: a variant counts once, by the worst of its arms with an engine; one that
// proves nothing is in no rate, and a value that all variants share has their rate.
func TestVariantSums(t *testing.T) {
	all, values := report.VariantSums(report.DigestOf(reporttest.DrawnReport()))
	if all.Drawn != 4 || all.Judged != 3 || all.Kept != 1 {
		t.Errorf("%+v", all)
	}
	want := map[string][3]int{"log format pino": {3, 2, 0}, "log format plain": {1, 1, 1}, "workers 3": {4, 3, 1}}
	for _, s := range values {
		if got := [3]int{s.Drawn, s.Judged, s.Kept}; got != want[s.Of+" "+s.Value] {
			t.Errorf("%s %s: %v", s.Of, s.Value, got)
		}
	}
	if len(values) != len(want) {
		t.Errorf("%d values", len(values))
	}
	table := VariantTable(report.DigestOf(reporttest.DrawnReport()))
	if len(table.Rows) != 3 || table.Rows[0][1].Text != "pino" || !strings.Contains(table.Notes[0].Text, "6–79 %") {
		t.Errorf("%+v", table)
	}
	if report.VariantsOf(report.DigestOf(report.Report{Drills: reporttest.DrawnReport().Drills[:1]})) != nil {
		t.Error("a run without variants has a sum of them")
	}
}

// TestVariantsStandApart: variants are no repetitions of the catalogue's drill, neither in the
// tables nor as a twin.
func TestVariantsStandApart(t *testing.T) {
	r := reporttest.DrawnReport()
	rows := report.Repeats(report.DigestOf(r))
	if len(rows) != 1 || len(rows[0].Drills) != 4 || rows[0].Name() != "s, variants" || report.SummarizeArm(rows[0].Group).Interval == nil {
		t.Fatalf("%+v", rows)
	}
	if sums := report.SummarizeArms(report.DigestOf(r)); len(sums) != 4 || sums[0].Varied || !sums[1].Varied {
		t.Errorf("%+v", sums)
	}
	fixed, varied := r.Drills[0], r.Drills[2]
	fixed.Record.Header.Arm = evidence.ArmEngine
	if fixed.Twin(r.Drills) != nil {
		t.Error("the twin of the catalogue's app is a variant of the same seed")
	}
	if varied.Twin(r.Drills) != r.Drills[1].Record {
		t.Error("a variant is not laid beside its twin")
	}
}
