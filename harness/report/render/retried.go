package render

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/report"
)

// VoidTable lists the drills that were drilled again.
func VoidTable(r report.Digest) Table {
	t := Table{ID: "again", Title: "Drilled again"}
	if len(r.Voids) == 0 {
		return t
	}
	t.Columns = []Column{{Name: "scenario", Left: true}, {Name: "arm", Left: true}, {Name: "why", Left: true}}
	for _, d := range r.Voids {
		t.Rows = append(t.Rows, []Cell{TextCell(d.Scenario), TextCell(d.Arm), TextCell(d.Spoiled())})
	}
	t.Notes = []Cell{{Text: "The host spoiled these, whatever they showed. What counts is the drill that followed.", Tone: SoftTone}}
	return t
}

// describeVoids says how many drills were drilled again, nothing if none was.
func describeVoids(r report.Digest) []string {
	n := len(r.Voids)
	if n == 0 {
		return nil
	}
	because := "the host was too busy"
	if slices.ContainsFunc(r.Voids, func(d report.Drill) bool { return d.Record != nil && d.Record.Cut != "" }) {
		because += " or lost"
	}
	return []string{fmt.Sprintf("%s nothing, for %s, and %s drilled again.",
		FormatCount(n, "drill")+Plural(n, " proves", " prove"), because, Plural(n, "was", "were"))}
}
