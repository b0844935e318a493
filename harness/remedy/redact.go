package remedy

import (
	"github.com/pm2drill/pm2drill/harness/engine"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// redactLine takes the secrets out of what a line says in free text.
func redactLine(r *redact.Redactor, l engine.Line) (engine.Line, error) {
	clean, err := redact.Of(r, l)
	clean.Type, clean.App, clean.Cause, clean.Action, clean.Phase = l.Type, l.App, l.Cause, l.Action, l.Phase
	clean.Engine, clean.Version, clean.Capabilities, clean.By = l.Engine, l.Version, l.Capabilities, l.By
	return clean, err
}
