package conformance

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func TestEscapes(t *testing.T) {
	for _, c := range []struct{ text, data, property string }{
		{"plain", "plain", "plain"},
		{"100 %", "100 %25", "100 %25"},
		{"a\r\nb", "a%0D%0Ab", "a%0D%0Ab"},
		{"%0A", "%250A", "%250A"},
		{"a: b, c", "a: b, c", "a%3A b%2C c"},
		{"::error::", "::error::", "%3A%3Aerror%3A%3A"},
	} {
		if got := escapeData(c.text); got != c.data {
			t.Errorf("data %q: %q, want %q", c.text, got, c.data)
		}
		if got := escapeProperty(c.text); got != c.property {
			t.Errorf("property %q: %q, want %q", c.text, got, c.property)
		}
	}
}

// workflowCommand is a workflow command as GitHub's runner reads one.
var workflowCommand = regexp.MustCompile(`^::(error|warning|notice) title=([^:,\r\n]+)::([^\r\n]+)$`)

// annotations writes a report's annotations and counts them by kind.
func annotations(t *testing.T, r report.Report) (lines []string, kinds map[string]int) {
	t.Helper()
	var b bytes.Buffer
	if err := Annotations(&b, report.DigestOf(r)); err != nil {
		t.Fatal(err)
	}
	kinds = map[string]int{}
	for _, line := range strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n") {
		if line == "" {
			continue
		}
		m := workflowCommand.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("this is no workflow command: %q", line)
			continue
		}
		lines, kinds[m[1]] = append(lines, line), kinds[m[1]]+1
	}
	return lines, kinds
}

func TestAnnotationsHoldText(t *testing.T) {
	r := reporttest.BrokenSample()
	nasty := "a\r\n::error title=forged::b %0A\x1b[2J, c: d"
	r.Drills[4].Scenario, r.Drills[4].Command, r.Drills[4].Rulings[1].Because = nasty, nasty, nasty
	lines, kinds := annotations(t, r)
	if kinds["error"] == 0 || kinds["warning"] == 0 {
		t.Errorf("%v of a broken report", kinds)
	}
	if all := strings.Join(lines, "\n"); strings.Contains(all, "\n::error title=forged") || !strings.Contains(all, "%0Areproduce: ") {
		t.Errorf("text steers the runner, or is not there:\n%s", all)
	}
}

func TestAnnotationsOfAKind(t *testing.T) {
	drills := func(n int) report.Report {
		var r report.Report
		for i := range n {
			r.Drills = append(r.Drills, report.Drill{Scenario: fmt.Sprint("s", i), Arm: evidence.ArmEngine, Verdict: promise.Broken,
				Rulings: []promise.Ruling{{Name: "p", Promise: "it works", Verdict: promise.Broken, Expected: promise.Kept, Because: "it does not"}}})
		}
		return r
	}
	for _, c := range []struct {
		drills, lines int
		last          string
	}{{0, 0, ""}, {1, 1, "it does not"}, {10, 10, "it does not"}, {11, 10, "2 more"}, {1000, 10, "991 more"}} {
		lines, _ := annotations(t, drills(c.drills))
		if len(lines) != c.lines || len(lines) > 0 && !strings.Contains(lines[len(lines)-1], c.last) {
			t.Errorf("%d broken drills: %d lines, want %d that end with %q: %q", c.drills, len(lines), c.lines, c.last, lines)
		}
	}
}

// TestAnnotationsSumRepetitions: an arm that broke three times of five is one error.
func TestAnnotationsSumRepetitions(t *testing.T) {
	lines, kinds := annotations(t, reporttest.GateSample())
	if kinds["error"] != 1 || kinds["warning"] != 1 || kinds["notice"] != 1 {
		t.Errorf("%v:\n%s", kinds, strings.Join(lines, "\n"))
	}
	for i, want := range []string{"in 1 of 3 runs", "in 1 of 3 runs", `the engine does not declare "roll": sigint-ignored`} {
		if i < len(lines) && !strings.Contains(lines[i], want) {
			t.Errorf("%q does not say %q", lines[i], want)
		}
	}
}
