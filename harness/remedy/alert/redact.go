package alert

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// redactAlert does the same for an alert.
func redactAlert(r *redact.Redactor, a engine.Alert) (engine.Alert, error) {
	clean, err := redact.Of(r, a)
	clean.Engine, clean.Status, clean.App, clean.Cause, clean.Dedupe, clean.Daemon = a.Engine, a.Status, a.App, a.Cause, a.Dedupe, a.Daemon
	for i := range clean.RuledOut {
		clean.RuledOut[i].Cause = a.RuledOut[i].Cause
	}
	return clean, err
}

// withoutURL returns an error of net/http or net/url without the whole URL, which these errors
// quote: the path of an alert URL is a secret.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return fmt.Errorf("%s %s: %w", u.Op, redact.Origin(u.URL), u.Err)
	}
	return err
}
