package report

import (
	"encoding/json"
)

// claimLine is what the page reads of an engine's line beyond what evidence
// keeps of it. Anything that does not parse is shown as it stands.
type claimLine struct {
	Engine   string   `json:"engine"`
	Version  string   `json:"version"`
	Evidence []Fact   `json:"evidence"`
	RuledOut []Ruled  `json:"ruled_out"`
	Error    string   `json:"error"`
	By       []string `json:"by"`
	Incident string   `json:"incident"`
}

// Fact is a fact that a diagnosis or an alert cites.
type Fact struct {
	Source string `json:"source"`
	Text   string `json:"text"`
}

// Ruled is a cause that a diagnosis rules out, and by which fact.
type Ruled struct {
	Cause string `json:"cause"`
	Fact  string `json:"fact"`
}

// ReadClaim decodes an engine's line; what does not parse is the zero value.
func ReadClaim(raw json.RawMessage) claimLine {
	var line claimLine
	if json.Unmarshal(raw, &line) != nil {
		return claimLine{}
	}
	return line
}
