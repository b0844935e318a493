package alert

import (
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// redactAlert does the same for an alert.
func redactAlert(r *redact.Redactor, a engine.Alert) (engine.Alert, error) {
	clean, err := redact.Of(r, a)
	clean.Engine, clean.Status, clean.App, clean.Cause, clean.Dedupe, clean.Daemon = a.Engine, a.Status, a.App, a.Cause, a.Dedupe, a.Daemon
	clean.Approve = a.Approve // it is for those who are told
	for i := range clean.RuledOut {
		clean.RuledOut[i].Cause = a.RuledOut[i].Cause
	}
	return clean, err
}
