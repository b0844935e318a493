package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

// buildRepeatTable returns the table of repetitions; with roomy, lane by lane.
func buildRepeatTable(r report.Digest, roomy bool) Table {
	all := report.Repeats(r)
	t := Table{ID: "repeats", Title: "Repeated drills"}
	if len(all) == 0 {
		return t
	}
	t.Columns = []Column{{Name: "scenario", Left: true}, {Name: "arm", Left: true}, {Name: "as it must"}, {Name: "rate, 95 % interval"}}
	lanes := []string{"in all lanes"}
	if roomy {
		lanes = nil
		for _, l := range r.LaneSet() {
			if l != evidence.LaneNoise {
				lanes = append(lanes, l)
			}
		}
	}
	for _, l := range lanes {
		t.Columns = append(t.Columns, Column{Group: "dropped", Name: l})
	}
	t.Columns = append(t.Columns, Column{Name: "detect"}, Column{Name: "recover"})
	for _, x := range all {
		t.Rows = append(t.Rows, buildRepeatRow(x, lanes, roomy))
	}
	t.Notes = listRepeatNotes(all)
	return t
}

func buildRepeatRow(x report.Repeat, lanes []string, roomy bool) []Cell {
	tone, fared := ToneOf(x.Worst), fmt.Sprintf("%d of %d", x.Kept, len(x.Drills))
	switch {
	case x.Flaky():
		tone, fared = UnsureTone, "flaky: "+fared
	case x.Worst == promise.Inconclusive, x.Worst == promise.Partial:
		fared += ", " + string(x.Worst)
	}
	row := []Cell{{Text: x.Name(), Tone: tone, Link: report.Plain(x.Scenario) + "-" + report.Plain(x.Arm)}, TextCell(x.Arm), {Text: fared, Tone: tone}, TextCell(FormatRate(report.SummarizeArm(x.Group)))}
	if !roomy {
		row = append(row, TextCell(FormatSpread(x.Dropped, FormatNumber)))
	} else {
		for _, name := range lanes {
			i := slices.IndexFunc(x.Lanes, func(l report.LaneSpan) bool { return l.Lane == name })
			if i < 0 {
				row = append(row, TextCell("–"))
				continue
			}
			row = append(row, TextCell(FormatSpread(x.Lanes[i].Dropped, FormatNumber)))
		}
	}
	return append(row, TextCell(FormatSpread(x.Detect, FormatSeconds)), TextCell(FormatSpread(x.Recover, FormatSeconds)))
}

func listRepeatNotes(all []report.Repeat) []Cell {
	var flaky []string
	kept := 0
	for _, x := range all {
		switch {
		case x.Flaky():
			flaky = append(flaky, fmt.Sprintf("%s %s (%d of %d)", x.Name(), x.Arm, x.Kept, len(x.Drills)))
		case x.Kept == len(x.Drills):
			kept++
		}
	}
	notes := []Cell{{Text: fmt.Sprintf("Consistent in every repetition: %d of %s. Least/median/most of an arm's drills, times in seconds. Rates are of the drills that prove something, with Wilson's score interval.",
		kept, FormatCount(len(all), "arm")), Tone: SoftTone}}
	if len(flaky) > 0 {
		notes = append(notes, Cell{Text: "Flaky: " + strings.Join(flaky, ", ") + ".", Tone: UnsureTone})
	}
	return notes
}

// FormatSpread writes a span, or one figure where all are the same.
func FormatSpread[T cmp.Ordered](s *report.Spread[T], show func(T) string) string {
	if s == nil {
		return "–"
	}
	if show(s.Least) == show(s.Most) {
		return show(s.Least)
	}
	return show(s.Least) + "/" + show(s.Median) + "/" + show(s.Most)
}

// FormatSeconds is seconds without its unit.
func FormatSeconds(d time.Duration) string { return strings.TrimSuffix(FormatInSeconds(d), " s") }
