package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// goldenSample has every kind of ruling and few losses.
func goldenSample() Report {
	control, spared := stalledSample(), stalledSample()
	control.Arm, control.Verdict, control.Rulings[1].Expected = evidence.ArmControl, promise.Kept, promise.Broken
	spared.Scenario, spared.Arm, spared.Rulings[0].Expected = "port-held-by-a-stranger", evidence.ArmControl, promise.Broken
	none := Drill{Scenario: "port-held-by-a-stranger", Arm: evidence.ArmEngine, Story: "A process that PM2 does not own holds the port.",
		Verdict: promise.Inconclusive, Command: "pm2drill run port-held-by-a-stranger --arm engine --seed 42"}
	return Report{Run: sampleRun(), Dir: "reports/20261101-143210-7f3a", Drills: []Drill{
		healthySample(), unsureSample(), control, stalledSample(), spared, none, stalledSample(),
	}}
}

func TestGolden(t *testing.T) {
	r := goldenSample()
	for _, c := range []struct {
		file  string
		write func(*bytes.Buffer) error
	}{
		{"report.json", func(b *bytes.Buffer) error { return JSON(b, r) }},
		{"junit.xml", func(b *bytes.Buffer) error { return JUnit(b, r) }},
		{"summary.txt", func(b *bytes.Buffer) error { return Text(b, r, false) }},
		{"summary.md", func(b *bytes.Buffer) error { b.WriteString(Markdown(r)); return nil }},
	} {
		t.Run(c.file, func(t *testing.T) {
			golden(t, c.file, c.write)
		})
	}
}

// golden holds what is written to the golden file of that name.
func golden(t *testing.T, file string, write func(*bytes.Buffer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "golden", file)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is not what it was: %s\nlook at it, then run go test -update", file, firstDifference(got.String(), string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "\n got: " + g[i] + "\nwant: " + w[i]
		}
	}
	return "one of them is longer"
}

// TestSchemaDocumented holds SCHEMA.md to what report.json contains.
func TestSchemaDocumented(t *testing.T) {
	var b bytes.Buffer
	r := goldenSample()
	r.Rehearsal = rehearsedSample().Rehearsal
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	documented(t, b, Schema, "SCHEMA.md")
}

// documented holds documents to what a file of a schema contains.
func documented(t *testing.T, b bytes.Buffer, schema string, files ...string) {
	t.Helper()
	var doc string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc += string(text)
	}
	var v any
	if err := json.Unmarshal(b.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	for key := range keysOf(v, map[string]bool{}) {
		if !strings.Contains(doc, "`"+key+"`") {
			t.Errorf("%v do not describe %q", files, key)
		}
	}
	if !strings.Contains(doc, schema) {
		t.Errorf("%v do not name %q", files, schema)
	}
}

func keysOf(v any, into map[string]bool) map[string]bool {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			into[k] = true
			if k != "counts" && k != "dropped_by_engine" { // their keys are classes and lanes, which evidence documents
				keysOf(x, into)
			}
		}
	case []any:
		for _, x := range v {
			keysOf(x, into)
		}
	}
	return into
}

// TestJUnit reads junit.xml as a CI system would and compares it with the rulings.
func TestJUnit(t *testing.T) {
	r := goldenSample()
	r.Drills[0].Rulings[0].Promise = `a <promise> & "quotes" ]]>` + "\x00\x1b[31m"
	var b bytes.Buffer
	if err := JUnit(&b, r); err != nil {
		t.Fatal(err)
	}
	var doc junitSuites
	if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatalf("%v in %s", err, b.String())
	}
	tests, failures, errs := 0, 0, 0
	classes := map[string]int{}
	for i, s := range doc.Suites {
		if s.Tests != len(s.Cases) || s.ID != i || s.Out == "" {
			t.Errorf("suite %d: %+v", i, s)
		}
		classes[s.Name]++
		f, e := 0, 0
		if len(r.Drills[i].Rulings) == 0 {
			if e = s.Errors; e != 1 || len(s.Cases) != 1 || s.Cases[0].Error == nil {
				t.Errorf("%s was not judged, and its suite says %+v", s.Name, s.Cases)
			}
			errs, tests = errs+e, tests+s.Tests
			continue
		}
		for j, c := range s.Cases {
			switch o := outcomeOf(r.Drills[i].Rulings[j]); {
			case o.met() != (c.Failure == nil && c.Error == nil):
				t.Errorf("%s: %q is %s, and the case says otherwise", s.Name, c.Name, o)
			case c.Error != nil:
				e++
				if c.Error.Type != "inconclusive" {
					t.Errorf("%s: error of type %q", s.Name, c.Error.Type)
				}
			case c.Failure != nil:
				f++
			}
			if c.Classname != s.Name {
				t.Errorf("case of %s has class name %s", s.Name, c.Classname)
			}
		}
		if f != s.Failures || e != s.Errors {
			t.Errorf("%s counts %d failures and %d errors, not %d and %d", s.Name, s.Failures, s.Errors, f, e)
		}
		tests, failures, errs = tests+s.Tests, failures+f, errs+e
	}
	if doc.Tests != tests || doc.Failures != failures || doc.Errors != errs || failures == 0 || errs == 0 {
		t.Errorf("totals %d/%d/%d, counted %d/%d/%d", doc.Tests, doc.Failures, doc.Errors, tests, failures, errs)
	}
	if classes["stalled-worker.engine"] != 2 || classes["stalled-worker.engine.2"] != 0 {
		t.Errorf("repetitions do not have one class name: %v", classes)
	}
}

func TestTextColour(t *testing.T) {
	r := goldenSample()
	r.Drills[0].Scenario = "evil\x1b[2Jname\r\n"
	var plainText, colour bytes.Buffer
	if err := Text(&plainText, r, false); err != nil {
		t.Fatal(err)
	}
	if err := Text(&colour, r, true); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(plainText.String(), "\x1b\r") {
		t.Error("plain text steers the terminal")
	}
	if strings.Contains(colour.String(), "\x1b[2J") || !strings.Contains(colour.String(), "\x1b[31m✗") {
		t.Errorf("coloured text is wrong: %q", colour.String())
	}
}

func TestVerdict(t *testing.T) {
	drill := func(v promise.Verdict) Drill { return Drill{Verdict: v} }
	for _, c := range []struct {
		name   string
		drills []Drill
		want   promise.Verdict
	}{
		{"nothing was drilled", nil, promise.Inconclusive},
		{"all kept", []Drill{drill(promise.Kept), drill(promise.Kept)}, promise.Kept},
		{"one unsure", []Drill{drill(promise.Kept), drill(promise.Inconclusive)}, promise.Inconclusive},
		{"one never judged", []Drill{drill(promise.Kept), drill("")}, promise.Inconclusive},
		{"broken beats unsure", []Drill{drill(promise.Inconclusive), drill(promise.Broken)}, promise.Broken},
	} {
		if got := (Report{Drills: c.drills}).Verdict(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		verdict, expected promise.Verdict
		want              outcome
		met               bool
	}{
		{promise.Kept, promise.Kept, asKept, true},
		{promise.Kept, "", asKept, true},
		{promise.Kept, promise.Broken, asSpared, false},
		{promise.Broken, promise.Broken, asExpected, true},
		{promise.Broken, promise.Kept, asBroken, false},
		{promise.Broken, "", asBroken, false},
		{promise.Inconclusive, promise.Broken, asUnknown, false},
		{"", promise.Kept, asUnknown, false},
	} {
		got := outcomeOf(promise.Ruling{Verdict: c.verdict, Expected: c.expected})
		if got != c.want || got.met() != c.met {
			t.Errorf("%q where %q was due: %s (met %v), want %s (%v)", c.verdict, c.expected, got, got.met(), c.want, c.met)
		}
	}
}

// TestHeadline holds the banner to the rulings.
func TestHeadline(t *testing.T) {
	quiet := Report{Run: sampleRun(), Drills: []Drill{unsureSample()}}
	for _, c := range []struct {
		name  string
		r     Report
		title string
		says  []string
	}{
		{"kept", keptSample(), "Kept", []string{"All 9 promises", "1 promise broke, as it had to", "none by the engine"}},
		{"broken", brokenSample(), "Broken", []string{"did not turn out", "4 lost to the engine's restart"}},
		{"inconclusive", quiet, "Inconclusive", []string{"proves nothing", "too noisy"}},
		{"empty", Report{}, "Inconclusive", []string{"proves nothing"}},
	} {
		title, sentences := headline(c.r)
		all := strings.Join(sentences, " ")
		if title != c.title {
			t.Errorf("%s: title %q, want %q", c.name, title, c.title)
		}
		for _, s := range c.says {
			if !strings.Contains(all, s) {
				t.Errorf("%s: %q does not say %q", c.name, all, s)
			}
		}
	}
}

func TestMarkdownEscapes(t *testing.T) {
	r := keptSample()
	r.Drills[1].Scenario = "a|b <script>alert(1)</script> `x`\n| forged | row |"
	for _, line := range strings.Split(Markdown(r), "\n") {
		if strings.Contains(line, "<script>") || strings.HasPrefix(line, "| forged") {
			t.Errorf("markup got through: %s", line)
		}
	}
}

func TestNoEvidence(t *testing.T) {
	r := Report{Run: sampleRun(), Drills: []Drill{{Scenario: "s", Arm: evidence.ArmEngine, Verdict: promise.Inconclusive}}}
	var b bytes.Buffer
	for name, err := range map[string]error{"html": HTML(&b, r), "json": JSON(&b, r), "junit": JUnit(&b, r), "text": Text(&b, r, false)} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
