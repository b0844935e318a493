package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
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
		if err := WriteGate(filepath.Join(*keep, name), Conformance(r, Gate{Profile: "core"})); err != nil {
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
	if n := strings.Count(page, "<script"); n != 2 {
		t.Errorf("%d script elements, want the data and the page's own", n)
	}
	if strings.Contains(page, "<img") || strings.Contains(page, `<script>document.title`) {
		t.Error("somebody else's markup stands in the page")
	}
	data := regexp.MustCompile(`(?s)id="data">(.*?)</script>`).FindStringSubmatch(page)
	if data == nil || !json.Valid([]byte(data[1])) {
		t.Fatal("the page's data is not JSON")
	}
	if !strings.Contains(page, `\u003c/script\u003e`) {
		t.Error("the data does not carry the log line")
	}
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

// TestHTMLStaysSmall: ten drills of 20,000 requests, a tenth of them lost.
func TestHTMLStaysSmall(t *testing.T) {
	r := Report{Run: sampleRun()}
	for range 10 {
		s := newSynth("big", evidence.ArmEngine, 106*time.Second, 87)
		s.mark("steady", 9, "", "")
		s.mark("inject", 30, evidence.KindFault, "")
		s.mark("end", 108, "", "")
		for id := range 4 {
			s.worker(id, 4300+id, 1, 2, 30)
			s.worker(id, 4400+id, 38, 40, 0)
		}
		rec := s.done("waiting restart")
		r.Drills = append(r.Drills, drillOfSample(rec, "", promise.Kept, nil, lossesOf(rec, promise.ByFault, "the fault hit it")))
	}
	n, lost := len(r.Drills[0].Record.Requests), len(r.Drills[0].Losses)
	if n < 20000 || lost < 1500 {
		t.Fatalf("the sample is too small: %d requests, %d lost", n, lost)
	}
	begin := time.Now()
	page := render(t, r)
	took := time.Since(begin)
	t.Logf("%d drills of %d requests, %d lost: %.2f MB in %s", len(r.Drills), n, lost, float64(len(page))/1e6, took)
	if len(page) > 5e6 {
		t.Errorf("the page has %d bytes, more than 5 MB", len(page))
	}
	if took > 2*time.Second {
		t.Errorf("the page took %s, more than 2 s", took)
	}
}

func render(t *testing.T, r Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestInBrowser runs the page's script. It needs a browser, which is given a
// fixed time; the plots are in view at once, so that no frame has to come.
func TestInBrowser(t *testing.T) {
	if os.Getenv("PM2DRILL_BROWSER_TEST") == "" {
		t.Skip("set PM2DRILL_BROWSER_TEST=1 to run the page's script in chromium; make test-browser does")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		r     Report
		plots int
	}{{"kept", keptSample(), 3}, {"hostile", evilSample(), 3}} {
		t.Run(c.name, func(t *testing.T) {
			for i := range c.r.Drills {
				c.r.Drills[i].Story = "" // nearer together: a plot is drawn when it comes into view
			}
			file := filepath.Join(t.TempDir(), "report.html")
			if err := os.WriteFile(file, []byte(render(t, c.r)), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,9000",
				"--virtual-time-budget=5000", "--user-data-dir="+t.TempDir(), "--dump-dom", "file://"+file)
			dom, err := cmd.Output()
			if err != nil {
				t.Fatalf("cannot run %s: %v", browser, err)
			}
			page := string(dom)
			if strings.Contains(page, "<title>owned") || strings.Contains(page, "<img") {
				t.Error("somebody else's script ran")
			}
			for what, want := range map[string]int{`aria-label="Timeline of`: c.plots, `class="pinhead"`: 2, "the server says": 2} {
				if n := strings.Count(page, what) - strings.Count(render(t, c.r), what); n != want {
					t.Errorf("%d times %s, want %d", n, what, want)
				}
			}
		})
	}
}

func TestKeysAreUniqueAndSafe(t *testing.T) {
	r := Report{Drills: []Drill{{Scenario: "../../etc", Arm: "engine"}, {Scenario: "a b", Arm: "engine"}, {Scenario: "a b", Arm: "engine"}}}
	if got, want := fmt.Sprint(r.keys("-")), "[------etc-engine a-b-engine a-b-engine-2]"; got != want {
		t.Errorf("keys %s, want %s", got, want)
	}
}
