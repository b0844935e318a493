package report

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// costJSON is what the engine's own processes used from the steady state to the end.
type costJSON struct {
	Cores    float64 `json:"cores"`     // on average
	RSSBytes int64   `json:"rss_bytes"` // in memory at most, added up over its processes
}

// costOf is nil of a drill with no engine, or in which nobody looked.
func costOf(d Drill) *costJSON {
	if d.Record == nil {
		return nil
	}
	c, ok := promise.CostOf(d.Record)
	if !ok {
		return nil
	}
	return &costJSON{c.Cores, c.RSS}
}

// costTable shows what the engine itself used of the host: the median of the drills and the
// most, with the drill in which that was.
func costTable(r Digest) table {
	t := table{ID: "cost", Title: "What the engine uses"}
	var cores, memory []costed
	for _, d := range r.Drills {
		if c := d.cost; c != nil {
			name := d.Scenario + " " + d.Arm
			cores = append(cores, costed{c.Cores, name})
			memory = append(memory, costed{float64(c.RSSBytes) / (1 << 20), name})
		}
	}
	if len(cores) == 0 {
		return t
	}
	t.Columns = []column{{Left: true}, {Name: "drills"}, {Name: "median"}, {Name: "most"}, {Name: "in", Left: true}}
	t.Rows = [][]cell{costRow("cores, on average", "%.3f", cores), costRow("MiB in memory, at most", "%.0f", memory)}
	t.Notes = []cell{{Text: "Of the engine's own processes, from the steady state to the end, as the kernel counts them.", Tone: softTone}}
	return t
}

// costed is a figure and the drill that it is of.
type costed struct {
	value float64
	drill string
}

func costRow(what, format string, all []costed) []cell {
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
	return []cell{words(what), words(number(len(all))), words(fmt.Sprintf(format, all[len(all)/2].value)), words(fmt.Sprintf(format, most.value)), words(most.drill)}
}
