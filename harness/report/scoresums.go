package report

import (
	"cmp"
	"fmt"
	"time"
)

// scoreSums is what the engine achieved, over all its engine arms.
func (s Statement) scoreSums() table {
	t := table{ID: "sums", Title: "Scores"}
	x := s.doc.Scores
	t.Columns = []column{{Name: "over the engine arms", Left: true}, {Name: "least"}, {Name: "median"}, {Name: "most"}}
	t.Rows = [][]cell{
		spanRow("time to detect", x.DetectMS, asTime), spanRow("time to recover", x.RecoverMS, asTime), spanRow("actions", x.Actions, number),
	}
	if n := x.DroppedByEngine; n != nil {
		t.Notes = append(t.Notes, words(fmt.Sprintf("Requests dropped by the engine, in every arm that it runs in: %s.", orNone(*n))))
	}
	if n := x.DroppedByFault; n != nil {
		t.Notes = append(t.Notes, words(fmt.Sprintf("Requests dropped by the fault: %s.", orNone(*n))))
	}
	if s := avoidableSentence(x.Avoidable); s != "" {
		t.Notes = append(t.Notes, words(s))
	}
	for _, s := range x.Words.sentences() {
		t.Notes = append(t.Notes, words(s))
	}
	if n := x.LeastServing; n != nil {
		t.Notes = append(t.Notes, words(fmt.Sprintf("Fewest workers that served at any instant: %d of %d.", *n, x.Workers)))
	}
	return t
}

// spanRow is a row of the least, the median and the most of something.
func spanRow[T cmp.Ordered](name string, s *span3[T], show func(T) string) []cell {
	if s == nil {
		return []cell{words(name), words("–"), words("–"), words("–")}
	}
	return []cell{words(name), words(show(s.Least)), words(show(s.Median)), words(show(s.Most))}
}

// asTime shows milliseconds as people read them.
func asTime(ms float64) string { return inSeconds(time.Duration(ms * float64(time.Millisecond))) }
