package format

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/lint"
)

func sample() Run {
	source := "module.exports = { apps: [{\n\tname: 'web',\n\tinstances: NaN,\n\tenv: { API_TOKEN: 'hunter2hunter2' },\n}] };\n"
	return Run{Version: "v1", Target: ecosystem.Target{PM2: "7.0.4", Node: "26.10.0", CPUs: 4}, Docs: "https://x/", Results: []Result{
		{Path: "a,b/eco.config.js", Source: []byte(source), Apps: 1, Findings: []lint.Finding{
			{Rule: "K005", Severity: lint.Error, Name: "web", Key: "instances", Value: "NaN", Message: "100 % wrong\nreally", Fix: "mend", Line: 3, Col: 2, Width: 9, Hash: "h"},
			{Rule: "E001", Severity: lint.Warning, Name: "web", Key: "env.API_TOKEN", Value: lint.Redacted, Message: "secret", Fix: "move", Line: 4, Col: 9, Width: 9},
			{Rule: "E003", Severity: lint.Info, App: ecosystem.TopLevel, Message: "remark", Fix: "set it"},
		}},
		{Path: "odd.config.js", Unsupported: "the global Intl"},
	}}
}

func written(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, name, sample()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hunter2") {
		t.Errorf("%s shows a secret:\n%s", name, b.String())
	}
	return b.String()
}

func TestHuman(t *testing.T) {
	got := written(t, "human")
	for _, want := range []string{
		"error K005", "--> a,b/eco.config.js:3:2  (web, instances)", "    3 | \tinstances: NaN,\n      | \t^^^^^^^^^\n", "API_TOKEN ...",
		"odd.config.js", "the global Intl", "1 error, 1 warning, 1 remark in 2 files, 1 app, for PM2 7.0.4",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Error("colour where nobody asked for it")
	}
}

func TestJSON(t *testing.T) {
	var doc document
	if err := json.Unmarshal([]byte(written(t, "json")), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != Schema || len(doc.Files) != 2 || len(doc.Files[0].Findings) != 3 || doc.Summary["error"] != 1 || doc.Files[1].Unsupported == "" {
		t.Errorf("%+v", doc)
	}
}

func TestSARIF(t *testing.T) {
	var doc struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Rules []struct{ ID, HelpURI string }
				}
			}
			Invocations []struct {
				ExecutionSuccessful        bool
				ToolExecutionNotifications []struct{ Level string }
			}
			Results []struct {
				RuleID, Level       string
				PartialFingerprints map[string]string
			}
		}
	}
	if err := json.Unmarshal([]byte(written(t, "sarif")), &doc); err != nil {
		t.Fatal(err)
	}
	r := doc.Runs[0]
	if doc.Version != "2.1.0" || len(r.Tool.Driver.Rules) != 3 || len(r.Results) != 3 || r.Results[2].Level != "note" || r.Results[0].PartialFingerprints["pm2drill/v1"] != "K005:web:instances:h" {
		t.Errorf("%+v", doc)
	}
	if i := r.Invocations[0]; i.ExecutionSuccessful || len(i.ToolExecutionNotifications) != 1 {
		t.Errorf("an inconclusive file is not told: %+v", i)
	}
}

func TestGitHub(t *testing.T) {
	lines := strings.Split(written(t, "github"), "\n")
	want := "::error file=a%2Cb/eco.config.js,line=3,col=2,endColumn=11,title=K005 instances is no finite number%3A the daemon dies of it::100 %25 wrong%0Areally Fix: mend"
	if lines[0] != want {
		t.Errorf("got  %s\nwant %s", lines[0], want)
	}
}

func TestJUnit(t *testing.T) {
	var doc suites
	if err := xml.Unmarshal([]byte(written(t, "junit")), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Suites) != 2 || doc.Suites[0].Tests != 3 || doc.Suites[0].Failures != 1 || doc.Suites[1].Errors != 1 {
		t.Errorf("%+v", doc)
	}
}

func TestMarkdown(t *testing.T) {
	if got := written(t, "markdown"); !strings.Contains(got, "[K005](https://x/K005.md)") || strings.Count(got, "\n| ") != 4 {
		t.Errorf("%s", got)
	}
}

// TestJUnitFailsWhereTheRunFails: a warning fails it from --threshold warning on.
func TestJUnitFailsWhereTheRunFails(t *testing.T) {
	for threshold, failures := range map[lint.Severity]int{lint.Error: 1, lint.Warning: 2, lint.Info: 3} {
		r := sample()
		r.Threshold = threshold
		var b bytes.Buffer
		if err := Write(&b, "junit", r); err != nil {
			t.Fatal(err)
		}
		var doc suites
		if err := xml.Unmarshal(b.Bytes(), &doc); err != nil || doc.Suites[0].Failures != failures {
			t.Errorf("%s: %+v, %v", threshold, doc, err)
		}
	}
}

// TestHumanShowsTheMarkOfALongLine has the key at column 140.
func TestHumanShowsTheMarkOfALongLine(t *testing.T) {
	line := "module.exports={apps:[" + strings.Repeat("{name:'ä',script:'a.js'},", 20) + "{name:'web',instances:'max'}]};"
	at := strings.Index(line, "instances")
	var b bytes.Buffer
	r := Run{Results: []Result{{Path: "x.config.js", Source: []byte(line), Findings: []lint.Finding{{Rule: "C010", Severity: lint.Warning, Line: 1, Col: at + 1, Width: 9}}}}}
	if err := Write(&b, "human", r); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	text, marks := []rune(lines[2]), []rune(lines[3])
	first := strings.Index(lines[3], "^")
	if first < 0 || len(text) > width+2 || len(marks) > width+2 || string(text[first:first+9]) != "instances" {
		t.Errorf("the mark is elsewhere:\n%s\n%s", lines[2], lines[3])
	}
}

// TestHumanIsBounded has 5,000 apps, each with a fault of its own of one rule.
func TestHumanIsBounded(t *testing.T) {
	x := Result{Path: "x.config.js"}
	for i := range 5000 {
		x.Findings = append(x.Findings, lint.Finding{Rule: "T002", Severity: lint.Warning, Name: "web", Message: fmt.Sprintf("m%d", i)})
	}
	for _, format := range []string{"human", "markdown"} {
		var b bytes.Buffer
		if err := Write(&b, format, Run{Results: []Result{x}}); err != nil || b.Len() > 4000 || !strings.Contains(b.String(), "and 4997 more") {
			t.Errorf("%s: %d bytes, %v", format, b.Len(), err)
		}
	}
}

// TestFrameShowsWhatIsSaid: the value of the finding itself is not masked in its line, and
// every other one is.
func TestFrameShowsWhatIsSaid(t *testing.T) {
	line := "{ token: 'hunter2hunter2', script: 'node_modules/next/dist/bin/next', other: 'node_modules/vite/bin/openVite.js' }"
	at := strings.Index(line, "script") + 1
	r := Run{Target: ecosystem.Target{PM2: "7.0.4", Node: "26.10.0", CPUs: 4}, Results: []Result{{Path: "ecosystem.config.js", Source: []byte(line), Apps: 1, Findings: []lint.Finding{
		{Rule: "P001", Severity: lint.Error, Key: "script", Value: `"node_modules/next/dist/bin/next"`, Message: "There is none.", Fix: "Build.", Line: 1, Col: at, Width: 6},
	}}}}
	var b bytes.Buffer
	if err := Write(&b, "human", r); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "node_modules/next/dist/bin/next") || strings.Contains(got, "hunter2") || strings.Contains(got, "openVite") {
		t.Errorf("%s", got)
	}
}

// TestGoOn holds what is advised where a file is undecided for want of a package: what was
// tried with dotenv, the file is decided once that is installed.
func TestGoOn(t *testing.T) {
	for _, c := range []struct {
		result Result
		want   string
	}{
		{Result{Absent: true, Undecided: "web, name, because the package lodash is in package.json and not installed here (npm ci)"}, "Install the packages (npm ci) and validate again."},
		{Result{Absent: true, Undecided: "web, name, because the package dotenv is in package.json and not installed here (npm ci)"}, "Install the packages (npm ci) and validate again, beside the .env of the host: without one the file's own defaults count."},
		{Result{Unsupported: "the global Intl", Node: true}, "Make the value a constant"},
	} {
		if got := c.result.goOn(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %s", c.result, got)
		}
	}
}
