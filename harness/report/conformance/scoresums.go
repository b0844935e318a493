package conformance

import (
	"cmp"
	"fmt"
	"time"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// buildScoresTable returns the table of what the engine achieved over all its engine
// arms.
func (s Statement) buildScoresTable() render.Table {
	t := render.Table{ID: "sums", Title: "Scores"}
	x := s.doc.Scores
	t.Columns = []render.Column{{Name: "over the engine arms", Left: true}, {Name: "least"}, {Name: "median"}, {Name: "most"}}
	t.Rows = [][]render.Cell{
		buildSpreadRow("time to detect", x.DetectMS, formatMillis), buildSpreadRow("time to recover", x.RecoverMS, formatMillis), buildSpreadRow("actions", x.Actions, render.FormatNumber),
	}
	if n := x.DroppedByEngine; n != nil {
		t.Notes = append(t.Notes, render.TextCell(fmt.Sprintf("Requests dropped by the engine, in every arm that it runs in: %s.", render.OrNone(*n))))
	}
	if n := x.DroppedByFault; n != nil {
		t.Notes = append(t.Notes, render.TextCell(fmt.Sprintf("Requests dropped by the fault: %s.", render.OrNone(*n))))
	}
	if s := render.AvoidableSentence(x.Avoidable); s != "" {
		t.Notes = append(t.Notes, render.TextCell(s))
	}
	for _, s := range render.DescribeWords(x.Words) {
		t.Notes = append(t.Notes, render.TextCell(s))
	}
	if n := x.LeastServing; n != nil {
		t.Notes = append(t.Notes, render.TextCell(fmt.Sprintf("Fewest workers that served at any instant: %d of %d.", *n, x.Workers)))
	}
	return t
}

// buildSpreadRow returns a row of the least, the median and the most of something, with
// dashes where s is nil.
func buildSpreadRow[T cmp.Ordered](name string, s *report.Spread[T], show func(T) string) []render.Cell {
	if s == nil {
		return []render.Cell{render.TextCell(name), render.TextCell("–"), render.TextCell("–"), render.TextCell("–")}
	}
	return []render.Cell{render.TextCell(name), render.TextCell(show(s.Least)), render.TextCell(show(s.Median)), render.TextCell(show(s.Most))}
}

// formatMillis formats milliseconds for people.
func formatMillis(ms float64) string {
	return render.FormatInSeconds(time.Duration(ms * float64(time.Millisecond)))
}
