package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

var keep = flag.String("keep", "", "write the sample reports to this folder, for looking at")

func TestKeepSamples(t *testing.T) {
	if *keep == "" {
		t.Skip("no -keep folder")
	}
	unsure, partial := Report{Run: sampleRun(), Drills: []Drill{unsureSample()}}, Report{Run: sampleRun(), Drills: []Drill{unaskedSample()}}
	for name, r := range map[string]Report{"kept": keptSample(), "broken": brokenSample(), "unsure": unsure, "partial": partial, "repeated": gateSample()} {
		if err := WriteGate(filepath.Join(*keep, name), Conformance(DigestOf(r), Gate{Profile: "core"})); err != nil {
			t.Fatal(err)
		}
	}
}

// evil is what an app could write to its log, its name or an answer.
const evil = `</script><script>document.title="owned"</script><img src=x onerror="document.title='owned'">` + "\u2028`${alert(1)}`<!--"

// evilSample has evil wherever somebody else's text can end up.
func evilSample() Report {
	r := keptSample()
	d := &r.Drills[2]
	d.Scenario, d.Story, d.Command, d.Labels = evil, evil, evil, []string{evil}
	d.Rulings[0].Promise, d.Rulings[0].Because, d.Rulings[0].At = evil, evil, []time.Duration{zeroAt}
	d.Losses[0].Why, d.Losses[0].Request.Detail, d.Losses[0].Request.ID, d.Losses[0].Request.Lane = evil, evil, evil, evil
	d.Phases = append(d.Phases, Phase{evil, time.Second})
	rec := d.Record
	rec.Header.Lanes = append(rec.Header.Lanes, evidence.LaneSpec{Lane: evil})
	rec.Events = append(rec.Events, evidence.Event{At: zeroAt, Topic: evil, Event: evil, Text: evil})
	rec.Marks = append(rec.Marks, evidence.Mark{At: zeroAt, Name: evil, Kind: evil, Note: evil})
	raw, _ := json.Marshal(map[string]any{"engine": evil, "status": evil, "cause": evil, "human": evil, "app": evil,
		"evidence": []map[string]string{{"source": evil, "text": evil}}, "ruled_out": []map[string]string{{"cause": evil, "fact": evil}}})
	d.Rulings[1].Cause = evil
	rec.Claims = append(rec.Claims, evidence.Claim{At: zeroAt, Type: "detected", Cause: evil})
	rec.Claims = append(rec.Claims, evidence.Claim{At: zeroAt, Type: evil, Cause: evil, Action: evil, Why: evil, Raw: raw})
	rec.Alerts = append(rec.Alerts, evidence.Alert{At: zeroAt, Body: raw})
	r.Run.Command, r.Run.ID, r.Run.Versions.Engine = evil, evil, evil
	return r
}

func TestHTMLKeepsTextText(t *testing.T) {
	page := render(t, evilSample())
	if n := strings.Count(page, "<script"); n != 2+3 {
		t.Errorf("%d script elements, want the data, that of 3 drills, and the page's own", n)
	}
	if strings.Contains(page, "<img") || strings.Contains(page, `<script>document.title`) {
		t.Error("somebody else's markup stands in the page")
	}
	data := regexp.MustCompile(`(?s)id="data">(.*?)</script>`).FindStringSubmatch(page)
	if data == nil || !json.Valid([]byte(data[1])) {
		t.Fatal("the page's data is not JSON")
	}
	carried := false
	for _, drill := range regexp.MustCompile(`application/gzip" id="data-[^"<>]*">([A-Za-z0-9+/=]*)</script>`).FindAllStringSubmatch(page, -1) {
		carried = carried || strings.Contains(unpacked(t, drill[1]), `\u003c/script\u003e`)
	}
	if !carried {
		t.Error("the data does not carry the log line")
	}
}

// unpacked is the inverse of packed.
func unpacked(t *testing.T, text string) string {
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

// TestHTMLFetchesNothing holds the page to being one file.
func TestHTMLFetchesNothing(t *testing.T) {
	page := render(t, keptSample())
	if m := regexp.MustCompile(`(?i)(src=|@import|url\(['"]?[^#'"]|<link|https?://[^w])`).FindString(page); m != "" {
		t.Errorf("the page refers to something outside: %q", m)
	}
	if !strings.Contains(page, "default-src &#39;none&#39;") {
		t.Error("the page's policy lets it fetch")
	}
}

func TestHTMLIsDeterministic(t *testing.T) {
	first := render(t, brokenSample())
	for range 5 {
		if render(t, brokenSample()) != first {
			t.Fatal("the same run makes two different pages")
		}
	}
}

// bigSample is a run of 100,000 requests and more, in five drills, in which a third of
// them are lost, workers are born and die and PM2's log is full.
func bigSample() Report {
	r := Report{Run: sampleRun()}
	for n, arm := range []string{evidence.ArmHealthy, evidence.ArmControl, evidence.ArmEngine, evidence.ArmDecoy, evidence.ArmEngine} {
		s := newSynth("big", arm, 106*time.Second, 90)
		s.mark("steady", 9, "", "")
		s.mark("inject", 30, evidence.KindFault, "")
		s.mark("end", 108, "", "")
		for id := range 4 {
			s.worker(id, 4300+id, 1, 2, 30)
			s.worker(id, 4400+id, 68, 70, 0)
		}
		for i := range 4000 {
			s.event(30+float64(i)/1000, "log:err", "", i%4, fmt.Sprintf("Error: connect ECONNREFUSED 172.18.0.3:%d", 5000+(7*i+n)%999))
		}
		rec := s.done("waiting restart")
		r.Drills = append(r.Drills, drillOfSample(rec, "", promise.Kept, nil, lossesOf(rec, promise.ByFault, "the fault hit it")))
	}
	return r
}

// longSample is a drill of as many requests in one: ten minutes of load.
func longSample() Report {
	s := newSynth("long", evidence.ArmEngine, 606*time.Second, 80)
	s.mark("steady", 9, "", "")
	s.mark("inject", 300, evidence.KindFault, "")
	s.mark("end", 608, "", "")
	for id := range 4 {
		s.worker(id, 4300+id, 1, 2, 300+5*float64(id))
		s.worker(id, 4400+id, 301+5*float64(id), 303+5*float64(id), 0)
	}
	rec := s.done("waiting restart")
	return Report{Run: sampleRun(), Drills: []Drill{drillOfSample(rec, "", promise.Kept, nil, lossesOf(rec, promise.ByFault, "the fault hit it"))}}
}

// TestReportStaysSmall: the page is below 5 MB for 100,000 requests, and report.json
// does not grow with what the fault has cost.
func TestReportStaysSmall(t *testing.T) {
	r := bigSample()
	requests, lost := 0, 0
	for _, d := range r.Drills {
		requests, lost = requests+len(d.Record.Requests), lost+len(d.Losses)
	}
	if requests < 100_000 || lost < 30_000 {
		t.Fatalf("the sample is too small: %d requests, %d lost", requests, lost)
	}
	begin := time.Now()
	page := render(t, r)
	took := time.Since(begin)
	var doc bytes.Buffer
	if err := JSON(&doc, DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d requests, %d lost: report.html %d kB in %s, report.json %d kB", requests, lost, len(page)/1000, took, doc.Len()/1000)
	if len(page) > 5e6 || doc.Len() > 2e6 {
		t.Errorf("report.html has %d bytes, report.json %d", len(page), doc.Len())
	}
}

// TestForemost: what the fault has cost gives way to what anybody else has.
func TestForemost(t *testing.T) {
	loss := func(id, cause string) promise.Loss {
		return promise.Loss{Request: evidence.Request{ID: id}, Cause: cause}
	}
	all := []promise.Loss{loss("a", promise.ByFault), loss("b", promise.ByFault), loss("c", promise.ByEngine), loss("d", promise.ByFault), loss("e", promise.ByUnknown)}
	for n, want := range map[int]string{5: "abcde", 4: "abce", 2: "ce", 1: "c", 9: "abcde"} {
		got := ""
		for _, l := range foremost(all, n) {
			got += l.Request.ID
		}
		if got != want {
			t.Errorf("the foremost %d are %s, want %s", n, got, want)
		}
	}
}

// TestPercentiles: by nearest rank, from due to done.
func TestPercentiles(t *testing.T) {
	var took []time.Duration
	for i := range 200 {
		took = append(took, time.Duration(200-i)*time.Millisecond)
	}
	got := fmt.Sprint(percentiles(map[int][]time.Duration{7: took, 2: {1234567}}))
	if want := "[[2 1.2 1.2] [7 100 198]]"; got != want {
		t.Errorf("percentiles %s, want %s", got, want)
	}
}

func render(t *testing.T, r Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestKeysAreUniqueAndSafe(t *testing.T) {
	r := Report{Drills: []Drill{{Scenario: "../../etc", Arm: "engine"}, {Scenario: "a b", Arm: "engine"}, {Scenario: "a b", Arm: "engine"}}}
	if got, want := fmt.Sprint(r.keys("-")), "[------etc-engine a-b-engine a-b-engine-2]"; got != want {
		t.Errorf("keys %s, want %s", got, want)
	}
}
