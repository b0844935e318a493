package variant

import (
	_ "embed"
	"encoding/json"
	"strings"
)

// recorded are texts of clients whose server refuses connections, one a line, with {host}
// and {port} in the place of its address. They are part of what fixtures/wordings has
// recorded: go test ./harness/variant -run Words -update takes them over.
//
//go:embed words.jsonl
var recorded string

// wording is what one client says.
type wording struct {
	Driver string `json:"driver"`
	Text   string `json:"text"`
}

// Words is how the app words that its server is away: as its own client does, or as
// another one was heard to.
func Words() Dimension {
	d := Dimension{dimWords, []Value{{"its client's own", func(*Variant) {}}}}
	for _, w := range readWordings() {
		d.Values = append(d.Values, Value{w.Driver, func(v *Variant) { v.Words = w.Text }})
	}
	return d
}

func readWordings() []wording {
	var all []wording
	for line := range strings.Lines(recorded) {
		var w wording
		if err := json.Unmarshal([]byte(line), &w); err != nil {
			panic(err) // the file is part of the program, and a test reads it
		}
		all = append(all, w)
	}
	return all
}
