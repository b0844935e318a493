package session

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/report"
)

// TestScreenWithJSON: progress goes to stderr although that is no terminal, and stdout is
// one JSON document.
func TestScreenWithJSON(t *testing.T) {
	var stdout, stderr bytes.Buffer
	s := NewProgress(&stdout, &stderr, true)
	s.Say("the images are there")
	watch := s.Watch("[1/2] port-taken engine")
	watch("steady", drill.Pulse{Elapsed: 4 * time.Second, Serving: 4, Workers: 4, Owed: 812})
	watch("inject", drill.Pulse{Elapsed: 9 * time.Second, Serving: 3, Workers: 4, Owed: 1800, Dropped: 12})
	d := report.Drill{Scenario: "port-taken", Arm: "engine", Verdict: promise.Kept}
	s.ShowResult("[1/2] port-taken engine", d)
	if stdout.Len() > 0 {
		t.Errorf("progress is on stdout: %s", &stdout)
	}
	for _, want := range []string{"the images are there", "steady", "inject", "12 dropped", "port-taken  engine"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("stderr has no %q:\n%s", want, &stderr)
		}
	}
	s.ShowSummary(report.DigestOf(report.Report{Drills: []report.Drill{d}}))
	var doc map[string]any
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Errorf("stdout is no JSON document: %v\n%s", err, &stdout)
	}
}
