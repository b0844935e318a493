package folder

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/page"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func TestGolden(t *testing.T) {
	r := reporttest.GoldenSample()
	for _, c := range []struct {
		file  string
		write func(*bytes.Buffer) error
	}{
		{"report.json", func(b *bytes.Buffer) error { return JSON(b, report.DigestOf(r)) }},
		{"junit.xml", func(b *bytes.Buffer) error { return render.JUnit(b, report.DigestOf(r)) }},
		{"summary.txt", func(b *bytes.Buffer) error { return render.Text(b, report.DigestOf(r), false) }},
		{"summary.md", func(b *bytes.Buffer) error { b.WriteString(render.Markdown(report.DigestOf(r))); return nil }},
	} {
		t.Run(c.file, func(t *testing.T) {
			reporttest.Golden(t, c.file, c.write)
		})
	}
}

// TestSchemaDocumented holds SCHEMA.md to what report.json contains.
func TestSchemaDocumented(t *testing.T) {
	var b bytes.Buffer
	r := reporttest.GoldenSample()
	r.Rehearsal = reporttest.RehearsedSample().Rehearsal
	r.Run.Shard = &report.Shard{Index: 1, Of: 2, Whole: []report.ShardDrill{{}}}
	if err := JSON(&b, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	reporttest.Documented(t, b, Schema, "SCHEMA.md")
}

// TestJUnit reads junit.xml as a CI system would and compares it with the rulings.
func TestJUnit(t *testing.T) {
	r := reporttest.GoldenSample()
	r.Drills[0].Rulings[0].Promise = `a <promise> & "quotes" ]]>` + "\x00\x1b[31m"
	var b bytes.Buffer
	if err := render.JUnit(&b, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	var doc render.JunitSuites
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
			switch o := report.OutcomeOf(r.Drills[i].Rulings[j]); {
			case o.Met() != (c.Failure == nil && c.Error == nil):
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
	r := reporttest.GoldenSample()
	r.Drills[0].Scenario = "evil\x1b[2Jname\r\n"
	var plainText, colour bytes.Buffer
	if err := render.Text(&plainText, report.DigestOf(r), false); err != nil {
		t.Fatal(err)
	}
	if err := render.Text(&colour, report.DigestOf(r), true); err != nil {
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
	drill := func(v promise.Verdict) report.Drill { return report.Drill{Verdict: v} }
	for _, c := range []struct {
		name   string
		drills []report.Drill
		want   promise.Verdict
	}{
		{"nothing was drilled", nil, promise.Inconclusive},
		{"all kept", []report.Drill{drill(promise.Kept), drill(promise.Kept)}, promise.Kept},
		{"one unsure", []report.Drill{drill(promise.Kept), drill(promise.Inconclusive)}, promise.Inconclusive},
		{"one never judged", []report.Drill{drill(promise.Kept), drill("")}, promise.Inconclusive},
		{"broken beats unsure", []report.Drill{drill(promise.Inconclusive), drill(promise.Broken)}, promise.Broken},
	} {
		if got := (report.Report{Drills: c.drills}).Verdict(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		verdict, expected promise.Verdict
		want              report.Outcome
		met               bool
	}{
		{promise.Kept, promise.Kept, report.OutcomeKept, true},
		{promise.Kept, "", report.OutcomeKept, true},
		{promise.Kept, promise.Broken, report.OutcomeSpared, false},
		{promise.Broken, promise.Broken, report.OutcomeExpected, true},
		{promise.Broken, promise.Kept, report.OutcomeBroken, false},
		{promise.Broken, "", report.OutcomeBroken, false},
		{promise.Inconclusive, promise.Broken, report.OutcomeUnknown, false},
		{"", promise.Kept, report.OutcomeUnknown, false},
	} {
		got := report.OutcomeOf(promise.Ruling{Verdict: c.verdict, Expected: c.expected})
		if got != c.want || got.Met() != c.met {
			t.Errorf("%q where %q was due: %s (met %v), want %s (%v)", c.verdict, c.expected, got, got.Met(), c.want, c.met)
		}
	}
}

// TestHeadline holds the banner to the rulings.
func TestHeadline(t *testing.T) {
	quiet := report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{reporttest.UnsureSample()}}
	for _, c := range []struct {
		name  string
		r     report.Report
		title string
		says  []string
	}{
		{"kept", reporttest.KeptSample(), "Kept", []string{"All 9 promises", "1 promise broke, as it had to", "none by the engine"}},
		{"broken", reporttest.BrokenSample(), "Broken", []string{"had an unexpected result", "4 lost to the engine's restart"}},
		{"inconclusive", quiet, "Inconclusive", []string{"proves nothing", "too noisy"}},
		{"empty", report.Report{}, "Inconclusive", []string{"proves nothing"}},
	} {
		title, sentences := render.Headline(report.DigestOf(c.r))
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
	r := reporttest.KeptSample()
	r.Drills[1].Scenario = "a|b <script>alert(1)</script> `x`\n| forged | row |"
	for _, line := range strings.Split(render.Markdown(report.DigestOf(r)), "\n") {
		if strings.Contains(line, "<script>") || strings.HasPrefix(line, "| forged") {
			t.Errorf("markup got through: %s", line)
		}
	}
}

func TestNoEvidence(t *testing.T) {
	r := report.Report{Run: reporttest.SampleRun(), Drills: []report.Drill{{Scenario: "s", Arm: evidence.ArmEngine, Verdict: promise.Inconclusive}}}
	var b bytes.Buffer
	for name, err := range map[string]error{"html": page.HTML(&b, report.DigestOf(r)), "json": JSON(&b, report.DigestOf(r)), "junit": render.JUnit(&b, report.DigestOf(r)), "text": render.Text(&b, report.DigestOf(r), false)} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
