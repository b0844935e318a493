package remedy

import (
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
)

func TestRedactReachesEveryText(t *testing.T) {
	const bad = "PASSWORD=hunter2"
	l, err := redactLine(new(redact.Redactor), engine.Line{
		Why: bad, Error: bad, Evidence: []engine.Fact{{Text: bad}}, RuledOut: []engine.Ruled{{Fact: bad}},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := redactAlert(new(redact.Redactor), engine.Alert{
		Human: bad, Evidence: []engine.Fact{{Text: bad}}, RuledOut: []engine.Ruled{{Fact: bad}},
		Actions: []engine.Taken{{Why: bad}}, Logs: []string{bad},
		Timeline: []engine.Moment{{Text: bad}}, Next: bad, Undo: bad,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		l.Why, l.Error, l.Evidence[0].Text, l.RuledOut[0].Fact,
		a.Human, a.Evidence[0].Text, a.RuledOut[0].Fact, a.Actions[0].Why, a.Logs[0],
		a.Timeline[0].Text, a.Next, a.Undo,
	} {
		if strings.Contains(s, "hunter2") {
			t.Errorf("the secret is still there: %q", s)
		}
	}
}
