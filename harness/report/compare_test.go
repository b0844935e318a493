package report

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

func TestCompare(t *testing.T) {
	a, b := keptSample(), keptSample()
	same, err := Compare(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if same.Worse() {
		t.Error("a run is worse than itself")
	}
	bad := -1
	for i := range b.Drills {
		if b.Drills[i].Arm == evidence.ArmEngine && b.Drills[i].Recover > 0 {
			bad = i
			b.Drills[i].Verdict, b.Drills[i].Recover = promise.Broken, 3*b.Drills[i].Recover
		}
	}
	if bad < 0 {
		t.Fatal("the sample has no engine arm that recovers")
	}
	c, err := Compare(a, b)
	if err != nil || !c.Worse() {
		t.Errorf("what was broken is no worse: %v", err)
	}
	var text, markdown strings.Builder
	if err := c.Text(&text, false); err != nil {
		t.Fatal(err)
	}
	if err := c.Markdown(&markdown); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{b.Drills[bad].Scenario + " engine", "kept", "broken", orDash(b.Drills[bad].Recover)} {
		if !strings.Contains(text.String(), want) || !strings.Contains(markdown.String(), want) {
			t.Errorf("it does not say %q:\n%s\n%s", want, text.String(), markdown.String())
		}
	}
	b.Drills = nil
	if _, err := Compare(a, b); err == nil {
		t.Error("a run is compared with an empty one")
	}
}
