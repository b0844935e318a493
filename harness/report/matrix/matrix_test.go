package matrix

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// TestFindingOf: only the promise that has to break says whether the incident was reproduced.
func TestFindingOf(t *testing.T) {
	took := promise.Ruling{Name: "bites", Verdict: promise.Kept, Expected: promise.Kept, Because: "the fault took effect"}
	for _, c := range []struct {
		name    string
		rulings []promise.Ruling
		want    Finding
		because string
	}{
		{"breaks", []promise.Ruling{took, {Verdict: promise.Broken, Expected: promise.Broken, Because: "nobody serves"}}, Reproduced, "nobody serves"},
		{"holds", []promise.Ruling{took, {Verdict: promise.Kept, Expected: promise.Broken, Because: "it came back"}}, NotReproduced, "it came back"},
		{"the fault had no effect", []promise.Ruling{{Verdict: promise.Inconclusive, Because: "no effect"}, {Verdict: promise.Inconclusive, Expected: promise.Broken, Because: "no effect"}}, Unclear, "no effect"},
		{"nothing was to break", []promise.Ruling{took}, Unclear, "the drill proves nothing"},
		{"no ruling", nil, Unclear, "the drill proves nothing"},
	} {
		got, because := FindingOf(report.Drill{Rulings: c.rulings, Verdict: promise.Verdicts(c.rulings)})
		if got != c.want || because != c.because {
			t.Errorf("%s: %s, %q, want %s, %q", c.name, got, because, c.want, c.because)
		}
	}
}

func sample() *Matrix {
	m := &Matrix{Schema: Schema}
	m.Merge([]Row{
		{Scenario: "port-taken", Arm: "control", Breaks: "recovers", Issues: []Issue{{6084, "2026-02", "a child keeps the port"}}, Cells: []Cell{}},
		{Scenario: "claim-x", Arm: "claim", Breaks: "serves", Claim: "it <holds>", Issues: []Issue{}, Cells: []Cell{}},
	}, []Issue{{5963, "2025-03", "Bun"}})
	day := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		pm2   string
		found Finding
	}{{"7.0.10", NotReproduced}, {"7.0.4", Reproduced}} {
		m.Enter("port-taken", Cell{Platform: Platform{x.pm2, "26.10.0", "sum"}, Found: x.found, Because: "nobody serves", At: day, Command: "pm2drill run port-taken", Report: "runs/1"})
	}
	return m
}

// TestEnter: versions are in their order, and a later drill takes the place of an earlier one.
func TestEnter(t *testing.T) {
	m := sample()
	if m.Platforms[0].PM2 != "7.0.4" || m.Platforms[1].PM2 != "7.0.10" {
		t.Errorf("7.0.10 comes before 7.0.4: %v", m.Platforms)
	}
	m.Enter("port-taken", Cell{Platform: Platform{"7.0.4", "26.10.0", "another"}, Found: Unclear})
	if len(m.Rows[0].Cells) != 2 || m.Rows[0].Cells[0].Found != Unclear || len(m.Platforms) != 2 {
		t.Errorf("a drill with another lock file does not replace the earlier one: %+v, %+v", m.Rows[0].Cells, m.Platforms)
	}
	if m.Find("port-taken", Platform{"7.0.4", "26.10.0", "sum"}) != nil || m.Find("claim-x", m.Platforms[0]) != nil {
		t.Error("something is found that was not drilled")
	}
}

// TestMergeContinues: what was found stays, and what is said of a row is taken over.
func TestMergeContinues(t *testing.T) {
	m := sample()
	m.Merge([]Row{{Scenario: "port-taken", Arm: "control", Breaks: "recovers", Issues: []Issue{}}, {Scenario: "new"}}, nil)
	if len(m.Rows) != 3 || len(m.Rows[0].Cells) != 2 || len(m.Rows[0].Issues) != 0 || m.Rows[1].Scenario != "claim-x" {
		t.Errorf("%+v", m.Rows)
	}
}

// TestWriteAndLoad: what is written is read again, and the tables have every cell.
func TestWriteAndLoad(t *testing.T) {
	dir, m := t.TempDir(), sample()
	if err := m.Write(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Load(filepath.Join(dir, "matrix.json"))
	if err != nil || !reflect.DeepEqual(again, m) {
		t.Errorf("read as %+v (%v)", again, err)
	}
	if empty, err := Load(filepath.Join(dir, "nowhere.json")); err != nil || len(empty.Rows) != 0 {
		t.Errorf("no file is %+v, %v", empty, err)
	}
	for name, write := range map[string]func(*strings.Builder) error{
		"text":     func(b *strings.Builder) error { return m.Text(b, false) },
		"markdown": func(b *strings.Builder) error { return m.Markdown(b) },
		"html":     func(b *strings.Builder) error { return m.HTML(b) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"port-taken", "✗ yes", "✓ no", "#6084", "#5963", "none yet", "2026-11-30", "PM2 7.0.10"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s has no %q:\n%s", name, want, b.String())
			}
		}
		if name == "html" && strings.Contains(b.String(), "<holds>") {
			t.Error("a claim's text is not escaped")
		}
	}
}
