package alert

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// TestAlertHasNoSecret: no text of an alert has one.
func TestAlertHasNoSecret(t *testing.T) {
	const bad = "PASSWORD=hunter2"
	a, err := redactAlert(new(redact.Redactor), engine.Alert{
		Human: bad, Evidence: []engine.Fact{{Text: bad}}, RuledOut: []engine.Ruled{{Fact: bad}},
		Actions: []engine.Taken{{Why: bad}}, Logs: []string{bad},
		Timeline: []engine.Moment{{Text: bad}}, Next: bad, Undo: bad,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		a.Human, a.Evidence[0].Text, a.RuledOut[0].Fact, a.Actions[0].Why, a.Logs[0],
		a.Timeline[0].Text, a.Next, a.Undo,
	} {
		if strings.Contains(s, "hunter2") {
			t.Errorf("the secret is still there: %q", s)
		}
	}
}
