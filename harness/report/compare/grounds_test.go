package compare

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/conformance"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// TestAvoidableIsTold: the count stands per lane in report.json, survives being read back,
// and is told in the summary, the statement and the league.
func TestAvoidableIsTold(t *testing.T) {
	r := report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.StalledSample()}}
	r.Drills[0].Avoidable = map[string]int{evidence.LaneShort: 1, evidence.LaneLong: 2}
	told := "Avoidable: 3 dropped requests (1 short, 2 long)."
	league, err := League([]Side{{"one", report.DigestOf(r)}, {"other", report.DigestOf(r)}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(league, "avoidable drops") || !strings.Contains(league, "| 3 |") {
		t.Errorf("the league does not count them:\n%s", league)
	}
	var text, page strings.Builder
	if err := render.Text(&text, report.DigestOf(r), false); err != nil {
		t.Fatal(err)
	}
	if err := conformance.Conformance(report.DigestOf(r), conformance.Gate{}).Markdown(&page); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{"the summary": text.String(), "the statement": page.String()} {
		if !strings.Contains(strings.Join(strings.Fields(s), " "), told) {
			t.Errorf("%s does not say %q", name, told)
		}
	}
	row := folder.DrillOf(report.DigestOf(r).Drills[0])
	row.Evidence = ""
	raw, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var back folder.DrillJSON
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if d, err := back.Drill(t.TempDir()); err != nil || report.Total(d.Avoidable) != 3 {
		t.Errorf("read back it has %v (%v)", d.Avoidable, err)
	}
	if s := render.AvoidableSentence(nil); s != "" {
		t.Errorf("of what nobody has counted it says %q", s)
	}
}
