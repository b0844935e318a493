package reporttest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// Evil is what an app could write to its log, its name or an answer.
const Evil = `</script><script>document.title="owned"</script><img src=x onerror="document.title='owned'">` + "\u2028`${alert(1)}`<!--"

// EvilSample has evil wherever somebody else's text can end up.
func EvilSample() report.Report {
	r := KeptSample()
	d := &r.Drills[2]
	d.Scenario, d.Story, d.Command, d.Labels = Evil, Evil, Evil, []string{Evil}
	d.Rulings[0].Promise, d.Rulings[0].Because, d.Rulings[0].At = Evil, Evil, []time.Duration{zeroAt}
	d.Losses[0].Why, d.Losses[0].Request.Detail, d.Losses[0].Request.ID, d.Losses[0].Request.Lane = Evil, Evil, Evil, Evil
	d.Phases = append(d.Phases, report.Phase{Name: Evil, Duration: time.Second})
	rec := d.Record
	rec.Header.Lanes = append(rec.Header.Lanes, evidence.LaneSpec{Lane: Evil})
	rec.Events = append(rec.Events, evidence.Event{At: zeroAt, Topic: Evil, Event: Evil, Text: Evil})
	rec.Marks = append(rec.Marks, evidence.Mark{At: zeroAt, Name: Evil, Kind: Evil, Note: Evil})
	raw, _ := json.Marshal(map[string]any{"engine": Evil, "status": Evil, "cause": Evil, "human": Evil, "app": Evil,
		"evidence": []map[string]string{{"source": Evil, "text": Evil}}, "ruled_out": []map[string]string{{"cause": Evil, "fact": Evil}}})
	d.Rulings[1].Cause = Evil
	rec.Claims = append(rec.Claims, evidence.Claim{At: zeroAt, Type: "detected", Cause: Evil})
	rec.Claims = append(rec.Claims, evidence.Claim{At: zeroAt, Type: Evil, Cause: Evil, Action: Evil, Why: Evil, Raw: raw})
	rec.Alerts = append(rec.Alerts, evidence.Alert{At: zeroAt, Body: raw})
	r.Run.Command, r.Run.ID, r.Run.Versions.Engine = Evil, Evil, Evil
	return r
}

// Unpacked is the inverse of packed.
func Unpacked(t *testing.T, text string) string {
	t.Helper()
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil || !json.Valid(raw) {
		t.Fatalf("a drill's data is not JSON: %v", err)
	}
	return string(raw)
}

// BigSample is a run of 100,000 requests and more, in five drills, in which a third of
// them are lost, workers are born and die and PM2's log is full.
func BigSample() report.Report {
	r := report.Report{Run: SampleRun()}
	for n, arm := range []string{evidence.ArmHealthy, evidence.ArmControl, evidence.ArmEngine, evidence.ArmDecoy, evidence.ArmEngine} {
		s := newSynth("big", arm, 106*time.Second, 90)
		s.mark("steady", 9, "", "")
		s.mark("inject", 30, evidence.KindFault, "")
		s.mark("end", 108, "", "")
		for id := range 4 {
			s.addWorker(id, 4300+id, 1, 2, 30)
			s.addWorker(id, 4400+id, 68, 70, 0)
		}
		for i := range 4000 {
			s.addEvent(30+float64(i)/1000, "log:err", "", i%4, fmt.Sprintf("Error: connect ECONNREFUSED 172.18.0.3:%d", 5000+(7*i+n)%999))
		}
		rec := s.finish("waiting restart")
		r.Drills = append(r.Drills, buildDrill(rec, "", promise.Kept, nil, attributeLosses(rec, promise.ByFault, "the fault hit it")))
	}
	return r
}

// LongSample is a drill of as many requests in one: ten minutes of load.
func LongSample() report.Report {
	s := newSynth("long", evidence.ArmEngine, 606*time.Second, 80)
	s.mark("steady", 9, "", "")
	s.mark("inject", 300, evidence.KindFault, "")
	s.mark("end", 608, "", "")
	for id := range 4 {
		s.addWorker(id, 4300+id, 1, 2, 300+5*float64(id))
		s.addWorker(id, 4400+id, 301+5*float64(id), 303+5*float64(id), 0)
	}
	rec := s.finish("waiting restart")
	return report.Report{Run: SampleRun(), Drills: []report.Drill{buildDrill(rec, "", promise.Kept, nil, attributeLosses(rec, promise.ByFault, "the fault hit it"))}}
}
