package render

import (
	"cmp"
	"slices"

	"github.com/pm2drill/pm2drill/harness/report"
)

// HostTable lists the Docker hosts of a run that was given several, and what became of them.
func HostTable(r report.Digest) Table {
	t := Table{ID: "hosts", Title: "Docker hosts"}
	if len(r.Run.Hosts) == 0 {
		return t
	}
	t.Columns = []Column{{Name: "host", Left: true}, {Name: "places"}, {Name: "cores"}, {Name: "drills"}, {Name: "Linux", Left: true}, {Name: "Docker", Left: true}, {Name: "lost", Left: true}}
	drilled := map[string]int{}
	for _, d := range r.Report.Drills {
		if d.Record != nil {
			drilled[d.Record.Header.Host]++
		}
	}
	for _, h := range r.Run.Hosts {
		t.Rows = append(t.Rows, []Cell{TextCell(h.Address), TextCell(FormatNumber(h.Places)), TextCell(FormatNumber(h.Cores)),
			TextCell(FormatNumber(drilled[h.Address])), TextCell(h.Kernel), TextCell(h.Docker), TextCell(cmp.Or(h.Lost, "no"))})
	}
	note := "Each drill is judged by the clock and the noise of its own host."
	if slices.ContainsFunc(r.Run.Hosts, func(h report.RunHost) bool { return h.Lost != "" }) {
		note += " The drills of a host that was lost went to the others."
	}
	t.Notes = []Cell{{Text: note, Tone: SoftTone}}
	return t
}
