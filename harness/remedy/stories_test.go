package remedy

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
)

// TestStories: the incidents in OPERATIONS.md are lines as the engine writes them now, and each tells all
// of its story: what was seen and ruled out, each action with its command and its end, and the end.
func TestStories(t *testing.T) {
	text, err := os.ReadFile("OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, log, _ := strings.Cut(string(text), "## The audit log")
	log, _, _ = strings.Cut(log, "\n## ")
	stories := strings.Split(log, "\n### ")[1:]
	if len(stories) != 3 {
		t.Fatalf("there are %d stories", len(stories))
	}
	for _, story := range stories {
		name, _, _ := strings.Cut(story, "\n")
		var lines []audited
		for line := range strings.Lines(story) {
			line, ok := strings.CutPrefix(line, "    ")
			if !ok {
				continue
			}
			var a audited
			d := json.NewDecoder(strings.NewReader(line))
			d.DisallowUnknownFields()
			if err := d.Decode(&a); err != nil {
				t.Fatalf("%s: %v: %s", name, err, line)
			}
			again, err := json.Marshal(a)
			if err != nil || !bytes.Equal(again, []byte(strings.TrimSpace(line))) {
				t.Errorf("%s: the engine would write it as\n%s\nand not as\n%s", name, again, line)
			}
			lines = append(lines, a)
		}
		checkStory(t, name, lines)
	}
}

func checkStory(t *testing.T, name string, lines []audited) {
	t.Helper()
	key, detected, open, verified := "", false, map[int]string{}, false
	for i, a := range lines {
		if i > 0 && a.Time.Before(lines[i-1].Time) {
			t.Errorf("%s: line %d is older than the one before", name, i+1)
		}
		if a.Type == engine.TypeReady || a.Type == typeEvent {
			continue
		}
		if key == "" {
			key = a.Key
		}
		if a.Key != key || a.Key == "" || a.Cause == "" || a.Host == "" || a.App == "" {
			t.Errorf("%s: line %d is not of incident %s: %+v", name, i+1, key, a)
		}
		switch {
		case a.Type == engine.TypeDetected:
			detected = len(a.Evidence) > 0 && len(a.RuledOut) > 0 && a.Human != ""
		case !detected:
			t.Errorf("%s: line %d comes before what was seen", name, i+1)
		case a.Type == engine.TypeAction && a.Phase == engine.PhaseBegin:
			if open[*a.ID] != "" || a.Command == "" || a.Why == "" {
				t.Errorf("%s: line %d: %s begins under %q, by %q, because %q", name, i+1, a.Action, open[*a.ID], a.Command, a.Why)
			}
			open[*a.ID] = a.Action
		case a.Type == engine.TypeAction:
			if open[*a.ID] != a.Action || a.Took <= 0 {
				t.Errorf("%s: line %d ends %s, and %q is under way", name, i+1, a.Action, open[*a.ID])
			}
			delete(open, *a.ID)
		case a.Type == engine.TypeWithheld && a.Why == "":
			t.Errorf("%s: line %d does not say why", name, i+1)
		case a.Type == engine.TypeVerified:
			verified = len(a.By) > 0
		}
	}
	last := lines[len(lines)-1]
	if !verified || last.Incident != engine.IncidentResolved || len(open) > 0 {
		t.Errorf("%s: it does not end: verified %v, under way %v, last %+v", name, verified, open, last)
	}
}
