package reporttest

import (
	"encoding/json"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// BrokenAlert is an alert whose body is no JSON.
func BrokenAlert() evidence.Alert { return evidence.Alert{Body: json.RawMessage("{")} }
