package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// TestAvoidableIsTold: the count stands per lane in report.json, survives being read back,
// and is told in the summary, the statement and the league.
func TestAvoidableIsTold(t *testing.T) {
	r := Report{Run: sampleRun(), Drills: []Drill{stalledSample()}}
	r.Drills[0].Avoidable = map[string]int{evidence.LaneShort: 1, evidence.LaneLong: 2}
	told := "Avoidable: 3 dropped requests (1 short, 2 long)."
	league, err := League([]Side{{"one", r}, {"other", r}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(league, "avoidable drops") || !strings.Contains(league, "| 3 |") {
		t.Errorf("the league does not count them:\n%s", league)
	}
	var text, page strings.Builder
	if err := Text(&text, r, false); err != nil {
		t.Fatal(err)
	}
	if err := Conformance(r, Gate{}).Markdown(&page); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{"the summary": text.String(), "the statement": page.String()} {
		if !strings.Contains(strings.Join(strings.Fields(s), " "), told) {
			t.Errorf("%s does not say %q", name, told)
		}
	}
	row := drillOf(r.Drills[0], "k")
	row.Evidence = ""
	raw, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var back drillJSON
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if d, err := back.drill(t.TempDir()); err != nil || total(d.Avoidable) != 3 {
		t.Errorf("read back it has %v (%v)", d.Avoidable, err)
	}
	if s := avoidableSentence(nil); s != "" {
		t.Errorf("of what nobody has counted it says %q", s)
	}
}

// TestWordsAreTold: what an engine cites is counted over the drills that it runs in.
func TestWordsAreTold(t *testing.T) {
	d := Drill{Verdict: promise.Kept, Record: &evidence.Record{
		Header:    evidence.Header{Arm: evidence.ArmEngine},
		Snapshots: []evidence.Snapshot{{Daemon: 50, Workers: []evidence.Worker{{ID: 1, PID: 101, Alive: true, Status: "online"}}}},
		Claims: []evidence.Claim{
			{Type: "detected", Raw: []byte(`{"evidence":[{"source":"proc","text":"pid 101 is stopped"},{"source":"probe","text":"it feels slow"}]}`)},
			{Wrong: "cannot decode line: it is no JSON", Raw: []byte(`"x"`)},
		},
	}}
	alone := d
	alone.Record = &evidence.Record{Header: evidence.Header{Arm: evidence.ArmControl}, Claims: d.Record.Claims}
	w := wordsOf([]Drill{d, alone})
	if w.Cited != 2 || w.Grounded != 1 || w.Wrong != 1 || len(w.Without) != 1 || w.Without[0] != "probe: it feels slow" {
		t.Errorf("they are %+v", w)
	}
	want := "The engine cites 2 facts; 1 is grounded: what they name is on record. 1 line of its stdout breaks the contract; the first: cannot decode line: it is no JSON."
	if got := strings.Join(w.sentences(), " "); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}
