package render

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/report"
)

// CostTable shows what the engine itself used of the host: the median of the drills and the
// most, with the drill in which that was.
func CostTable(r report.Digest) Table {
	t := Table{ID: "cost", Title: "What the engine uses"}
	var cores, memory []costed
	for _, d := range r.Drills {
		if c := d.Cost; c != nil {
			name := d.Scenario + " " + d.Arm
			cores = append(cores, costed{c.Cores, name})
			memory = append(memory, costed{float64(c.RSSBytes) / (1 << 20), name})
		}
	}
	if len(cores) == 0 {
		return t
	}
	t.Columns = []Column{{Left: true}, {Name: "drills"}, {Name: "median"}, {Name: "most"}, {Name: "in", Left: true}}
	t.Rows = [][]Cell{buildCostRow("cores, on average", "%.3f", cores), buildCostRow("MiB in memory, at most", "%.0f", memory)}
	t.Notes = []Cell{{Text: "Of the engine's own processes, from the steady state to the end, as the kernel counts them.", Tone: SoftTone}}
	return t
}

// costed is a figure and the drill that it is of.
type costed struct {
	value float64
	drill string
}

func buildCostRow(what, format string, all []costed) []Cell {
	slices.SortStableFunc(all, func(a, b costed) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	most := all[len(all)-1]
	return []Cell{TextCell(what), TextCell(FormatNumber(len(all))), TextCell(fmt.Sprintf(format, all[len(all)/2].value)), TextCell(fmt.Sprintf(format, most.value)), TextCell(most.drill)}
}
