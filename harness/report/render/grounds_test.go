package render

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

// TestWordsAreTold: what an engine cites is counted over the drills that it runs in.
func TestWordsAreTold(t *testing.T) {
	d := report.Drill{Verdict: promise.Kept, Record: &evidence.Record{
		Header:    evidence.Header{Arm: evidence.ArmEngine},
		Snapshots: []evidence.Snapshot{{Daemon: 50, Workers: []evidence.Worker{{ID: 1, PID: 101, Alive: true, Status: "online"}}}},
		Claims: []evidence.Claim{
			{Type: "detected", Raw: []byte(`{"evidence":[{"source":"proc","text":"pid 101 is stopped"},{"source":"probe","text":"it feels slow"}]}`)},
			{Wrong: "cannot decode line: it is no JSON", Raw: []byte(`"x"`)},
		},
	}}
	alone := d
	alone.Record = &evidence.Record{Header: evidence.Header{Arm: evidence.ArmControl}, Claims: d.Record.Claims}
	w := report.WordsOf([]report.DrillDigest{report.DigestOfDrill(d), report.DigestOfDrill(alone)})
	if w.Cited != 2 || w.Grounded != 1 || w.Wrong != 1 || len(w.Without) != 1 || w.Without[0] != "probe: it feels slow" {
		t.Errorf("they are %+v", w)
	}
	want := "The engine cites 2 facts; 1 is grounded: what they name is on record. 1 line of its stdout breaks the contract; the first: cannot decode line: it is no JSON."
	if got := strings.Join(DescribeWords(w), " "); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}
