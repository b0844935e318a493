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

// TestAlertURLIsNotTold: errors of net/http quote the URL, and its path is a secret.
func TestAlertURLIsNotTold(t *testing.T) {
	for _, url := range []string{
		"http://127.0.0.1:1/services/T0AB/B0CD/s3cr3t-path", "http://bob:s3cr3t-path@127.0.0.1:1/x", "http://127.0.0.1:1/?key=s3cr3t-path", "http://127.0.0.1:99999/s3cr3t-path",
		"http://127.0.0.1:1/\x7f/s3cr3t-path",
	} {
		veil := new(redact.Redactor)
		veil.LearnURL(url)
		p := newPoster(url, veil, func(error) {})
		_, err := p.post(t.Context(), []byte("{}"))
		if err == nil {
			t.Errorf("%q: it was posted", url)
			continue
		}
		if strings.Contains(err.Error(), "s3cr3t-path") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
