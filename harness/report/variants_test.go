package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// drawn is a drill of a variant.
func drawn(arm string, seed int64, v promise.Verdict, log string) Drill {
	d := Drill{
		Scenario: "s", Arm: arm, Verdict: v, Command: "again", Varied: []evidence.Choice{{Of: "log format", Value: log}, {Of: "workers", Value: "3"}},
		Record: &evidence.Record{Header: evidence.Header{Scenario: "s", Arm: arm, Seed: seed}},
	}
	d.Record.Header.Varied = d.Varied
	d.Rulings = []promise.Ruling{{Name: "p", Promise: "it works", Verdict: v, Expected: promise.Kept, Because: "seen"}}
	return d
}

func drawnReport() Report {
	return Report{Drills: []Drill{
		{Scenario: "s", Arm: evidence.ArmEngine, Verdict: promise.Kept, Record: &evidence.Record{Header: evidence.Header{Scenario: "s", Seed: 1}}},
		drawn(evidence.ArmControl, 1, promise.Broken, "pino"), drawn(evidence.ArmEngine, 1, promise.Kept, "pino"), drawn(evidence.ArmDecoy, 1, promise.Broken, "pino"),
		drawn(evidence.ArmEngine, 2, promise.Kept, "plain"),
		drawn(evidence.ArmEngine, 3, promise.Inconclusive, "pino"),
		drawn(evidence.ArmEngine, 4, promise.Broken, "pino"),
	}}
}

// TestVariantSums: a variant counts once, by the worst of its arms with an engine; one that
// proves nothing is in no rate, and a value that all variants share has their rate.
func TestVariantSums(t *testing.T) {
	all, values := variantSums(DigestOf(drawnReport()))
	if all.drawn != 4 || all.judged != 3 || all.kept != 1 {
		t.Errorf("%+v", all)
	}
	want := map[string][3]int{"log format pino": {3, 2, 0}, "log format plain": {1, 1, 1}, "workers 3": {4, 3, 1}}
	for _, s := range values {
		if got := [3]int{s.drawn, s.judged, s.kept}; got != want[s.Of+" "+s.Value] {
			t.Errorf("%s %s: %v", s.Of, s.Value, got)
		}
	}
	if len(values) != len(want) {
		t.Errorf("%d values", len(values))
	}
	table := variantTable(DigestOf(drawnReport()))
	if len(table.Rows) != 3 || table.Rows[0][1].Text != "pino" || !strings.Contains(table.Notes[0].Text, "6–79 %") {
		t.Errorf("%+v", table)
	}
	if variantsOf(DigestOf(Report{Drills: drawnReport().Drills[:1]})) != nil {
		t.Error("a run without variants has a sum of them")
	}
}

// TestVariantsStandApart: variants are no repetitions of the catalogue's drill, neither in the
// tables nor as a twin.
func TestVariantsStandApart(t *testing.T) {
	r := drawnReport()
	rows := repeats(DigestOf(r))
	if len(rows) != 1 || len(rows[0].drills) != 4 || rows[0].name() != "s, variants" || armSumOf(rows[0].group).Interval == nil {
		t.Fatalf("%+v", rows)
	}
	if sums := armSums(DigestOf(r)); len(sums) != 4 || sums[0].Varied || !sums[1].Varied {
		t.Errorf("%+v", sums)
	}
	fixed, varied := r.Drills[0], r.Drills[2]
	fixed.Record.Header.Arm = evidence.ArmEngine
	if fixed.twin(r.Drills) != nil {
		t.Error("the twin of the catalogue's app is a variant of the same seed")
	}
	if varied.twin(r.Drills) != r.Drills[1].Record {
		t.Error("a variant is not laid beside its twin")
	}
}

// TestVariantsAreTold: the report, the summary and junit.xml say what was drawn.
func TestVariantsAreTold(t *testing.T) {
	r := drawnReport()
	var text, page, junit, doc bytes.Buffer
	for _, err := range []error{Text(&text, DigestOf(r), false), HTML(&page, DigestOf(r)), JUnit(&junit, DigestOf(r)), JSON(&doc, DigestOf(r))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for where, told := range map[string]string{
		text.String(): "log format pino, workers 3", page.String(): "log format <b>pino</b>", junit.String(): "log format pino, workers 3",
		Markdown(DigestOf(r)): "variant 4 (log format pino, workers 3)", doc.String(): `"of": "log format"`,
	} {
		if !strings.Contains(where, told) {
			t.Errorf("%q is not in\n%.3000s", told, where)
		}
	}
}
