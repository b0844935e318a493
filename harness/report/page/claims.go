package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"

	"github.com/pm2drill/pm2drill/harness/report"
)

// alertBody is what the page reads of an alert's body.
type alertBody struct {
	Status     string  `json:"status"`
	App        string  `json:"app"`
	Cause      string  `json:"cause"`
	Confidence float64 `json:"confidence"`
	Human      string  `json:"human"`
}

// describeClaim returns one line of the engine as a sentence.
func describeClaim(c evidence.Claim) string {
	line := report.ReadClaim(c.Raw)
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	what := c.Action
	if what != "" && c.ID >= 0 {
		what += fmt.Sprintf(" of worker %d", c.ID)
	}
	if what != "" && c.PID > 0 {
		what += fmt.Sprintf(" (pid %d)", c.PID)
	}
	if what != "" && c.Phase != "" {
		what += ": " + c.Phase
	}
	add(strings.TrimSpace(line.Engine + " " + line.Version))
	add(c.Cause)
	add(what)
	add(line.Incident)
	add(strings.Join(line.By, ", "))
	add(c.Why)
	add(line.Error)
	return strings.Join(parts, " · ")
}

// listClaimFacts returns the evidence that a diagnosis names and what it ruled out.
func listClaimFacts(c evidence.Claim) (evidence []report.Fact, ruledOut []report.Ruled) {
	line := report.ReadClaim(c.Raw)
	return line.Evidence, line.RuledOut
}

func readAlert(raw json.RawMessage) alertBody {
	var body alertBody
	if json.Unmarshal(raw, &body) != nil {
		return alertBody{}
	}
	return body
}

// indentJSON indents a JSON text, and leaves anything else as it is.
func indentJSON(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

// formatClock formats a moment of a drill as seconds since its start.
func formatClock(at time.Duration) string { return fmt.Sprintf("%.3f s", at.Seconds()) }
