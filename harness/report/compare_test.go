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
			b.Drills[i].Rulings[0].Verdict, b.Drills[i].Rulings[0].Because = promise.Broken, "2 of 4 workers <b>serve</b>"
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
	var page strings.Builder
	if err := c.HTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"B is worse", "1 promise is ruled otherwise", "2 of 4 workers &lt;b&gt;serve", b.Drills[bad].Rulings[0].Promise, orDash(b.Drills[bad].Recover), "✗ broken"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page.String(), "<script") || strings.Contains(page.String(), "://") {
		t.Error("the page runs a script or names an address")
	}
	b.Drills = nil
	if _, err := Compare(a, b); err == nil {
		t.Error("a run is compared with an empty one")
	}
}
