package render

import (
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report"
)

// PartTable has a row for each arm that failed, and says which part of the engine's work
// did; empty where none did.
func PartTable(r report.Digest) Table {
	t := Table{ID: "parts", Title: "What failed"}
	for _, x := range r.Arms {
		failed := report.FailedParts(x)
		if failed == nil {
			continue
		}
		row := []Cell{{Text: x.Scenario, Tone: BadTone, Link: report.Plain(x.Scenario) + "-" + report.Plain(x.Arm)}, TextCell(x.Arm)}
		for _, p := range report.Parts() {
			c := Cell{Text: strings.Join(failed[p], ", "), Tone: BadTone}
			if len(failed[p]) == 0 {
				c = TextCell("")
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) == 0 {
		return t
	}
	t.Columns = []Column{{Name: "scenario", Left: true}, {Name: "arm", Left: true}}
	for _, p := range report.Parts() {
		t.Columns = append(t.Columns, Column{Name: string(p), Left: true})
	}
	return t
}

// MostFailed bounds how many arms the sentence names.
const MostFailed = 5

// describeFailedParts says which arms failed, and in which parts; nothing where none did.
func describeFailedParts(r report.Digest) []string {
	var arms []string
	for _, x := range r.Arms {
		failed := report.FailedParts(x)
		var parts []string
		for _, p := range report.Parts() {
			if len(failed[p]) > 0 {
				parts = append(parts, string(p))
			}
		}
		if len(parts) > 0 {
			arms = append(arms, fmt.Sprintf("%s %s (%s)", x.Scenario, x.Arm, strings.Join(parts, ", ")))
		}
	}
	if len(arms) == 0 {
		return nil
	}
	rest := ""
	if n := len(arms) - MostFailed; n > 0 {
		arms, rest = arms[:MostFailed], fmt.Sprintf(", and %s more", FormatNumber(n))
	}
	return []string{"What failed: " + strings.Join(arms, "; ") + rest + "."}
}
