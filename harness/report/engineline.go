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

type Fact struct {
	Source string `json:"source"`
	Text   string `json:"text"`
}

type Ruled struct {
	Cause string `json:"cause"`
	Fact  string `json:"fact"`
}

func ReadClaim(raw json.RawMessage) claimLine {
	var line claimLine
	if json.Unmarshal(raw, &line) != nil {
		return claimLine{}
	}
	return line
}
