package reporttest

import (
	"encoding/json"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

func BrokenAlert() evidence.Alert { return evidence.Alert{Body: json.RawMessage("{")} }
