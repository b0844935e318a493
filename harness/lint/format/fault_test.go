package format

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// TestOneFaultOfManyApps holds that people read a fault once, with the apps that have
// it, and programs once for each app.
func TestOneFaultOfManyApps(t *testing.T) {
	var all []lint.Finding
	for i, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		all = append(all, lint.Finding{Rule: "T002", Severity: lint.Warning, App: i, Name: name, Key: "instances", Message: "unheard-of", Fix: "mend", Line: i + 1, Col: 1, Width: 1})
	}
	run := Run{Results: []Result{{Path: "x.config.js", Apps: len(all), Findings: all, Hidden: 3}}}
	for format, want := range map[string][2]any{"human": {"Also: b, c, d, e, f and 2 more.", 1}, "markdown": {"Also: b, c, d, e, f and 2 more.", 1}, "github": {"Also: b, c, d, e, f and 2 more.", 1}, "json": {`"app": "h"`, 8}, "junit": {"x.config.js:8:1", 8}, "sarif": {`"startLine": 8`, 8}} {
		var b bytes.Buffer
		if err := Write(&b, format, run); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(b.String(), "unheard-of"); !strings.Contains(b.String(), want[0].(string)) || got < want[1].(int) || format != "junit" && got > want[1].(int) {
			t.Errorf("%s says it %d times, want %d, with %q:\n%s", format, got, want[1], want[0], b.String())
		}
	}
	var b bytes.Buffer
	if err := Write(&b, "human", run); err != nil || !strings.Contains(b.String(), "1 warning in 1 file, 8 apps") || !strings.Contains(b.String(), "left out by the flags: 3 findings") {
		t.Errorf("%v: %s", err, b.String())
	}
}
