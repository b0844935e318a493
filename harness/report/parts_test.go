package report

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// failedAt is a drill of an engine in which these promises are broken, at 12 s, and which
// has lost a request at 11 s.
func failedAt(names ...string) Drill {
	d := healthySample()
	d.Scenario, d.Arm, d.Verdict, d.Rulings = "port-taken", evidence.ArmEngine, promise.Broken, nil
	for _, name := range names {
		d.Rulings = append(d.Rulings, promise.Ruling{
			Name: name, Promise: "a sentence", Verdict: promise.Broken, Expected: promise.Kept, At: []time.Duration{d.start() + 12*time.Second},
		})
	}
	d.Losses = []promise.Loss{{Request: evidence.Request{Due: d.start() + 11*time.Second}}}
	return d
}

// TestWhatFailed: the headline and a table say which part of the engine's work failed.
func TestWhatFailed(t *testing.T) {
	r := Report{Drills: []Drill{failedAt("alerts", "diagnoses"), healthySample()}}
	if got := strings.Join(partSentence(DigestOf(r)), ""); got != "What failed: port-taken engine (diagnose, alert)." {
		t.Errorf("the sentence is %q", got)
	}
	var b strings.Builder
	partTable(DigestOf(r)).markdown(&b)
	if got := b.String(); !strings.Contains(got, "engine |  | **diagnoses** | **alerts** |") || strings.Contains(got, "healthy") {
		t.Errorf("the table is\n%s", got)
	}
	if calm := (Report{Drills: []Drill{healthySample()}}); len(partTable(DigestOf(calm)).Rows) > 0 || partSentence(DigestOf(calm)) != nil {
		t.Error("something failed where nothing did")
	}
}

// TestEveryPromiseHasAPart: heal is what it comes to by decision and not by default.
func TestEveryPromiseHasAPart(t *testing.T) {
	heals := []string{"recovers", "replaces", "stops-losing", "stops-churning", "stays-fast", "stays-up", "keeps-running", "runs-once",
		"scales", "reconfigures", "answers-ready", "lone-listener", "one-listener", "shares-evenly", "weathers", "takes-effect"}
	files, err := filepath.Glob("../promise/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`Name: +"([a-z-]+)"`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if heal := strings.Contains(" "+strings.Join(heals, " ")+" ", " "+m[1]+" "); heal != (partOf(m[1]) == partHeal) {
				t.Errorf("%s is of the part %q: give it its own in parts.go, or name it here", m[1], partOf(m[1]))
			}
		}
	}
}

// TestFirstLook: a failed diagnosis is what a reader sees first, and not a loss that has
// nothing to do with it.
func TestFirstLook(t *testing.T) {
	for _, c := range []struct {
		broken, label string
	}{{"diagnoses", "first failure, diagnoses"}, {"spares-requests", "first loss"}, {"recovers", "first loss"}, {"acts-at-most", "first failure, acts-at-most"}} {
		if got := firstLook(DigestOf(Report{Drills: []Drill{healthySample(), failedAt(c.broken)}})); got == nil || got.Label != c.label {
			t.Errorf("%s is broken: %+v, want %s", c.broken, got, c.label)
		}
	}
}

// TestOwnName: the page says what the engine calls itself, beside its command.
func TestOwnName(t *testing.T) {
	d := healthySample()
	d.Record.Claims = append([]evidence.Claim{{Type: "ready", Raw: []byte(`{"type":"ready","engine":"medic","version":"2.1"}`)}}, d.Record.Claims...)
	r := Report{Run: Run{Versions: Versions{Engine: "./engine.sh"}}, Drills: []Drill{d, failedAt("diagnoses")}}
	var page bytes.Buffer
	if err := HTML(&page, DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"medic 2.1", `<span class="which">diagnoses</span>`, `<b class="which">diagnoses</b>`} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if got := versionLine(DigestOf(r)); !strings.Contains(got, "engine ./engine.sh, which calls itself medic 2.1") {
		t.Errorf("the line of versions is %q", got)
	}
}
