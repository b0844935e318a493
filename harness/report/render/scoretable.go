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

// ScoreTable is the run's main table. Where room is scarce the engine's drops
// of all lanes share a column.
func ScoreTable(r report.Digest, roomy bool) Table {
	all := report.Scores(r)
	t := Table{ID: "scores", Title: "The engine at work"}
	if len(all) == 0 {
		return t
	}
	var lanes []string
	for _, l := range r.LaneSet() {
		if l != evidence.LaneNoise {
			lanes = append(lanes, l)
		}
	}
	t.Columns = listScoreColumns(lanes, roomy)
	for _, s := range all {
		t.Rows = append(t.Rows, buildScoreRow(s, lanes, roomy))
	}
	t.Notes = listScoreNotes(r, all, roomy)
	if !roomy && slices.ContainsFunc(all, func(s report.Score) bool { return !isSpared(s) }) {
		t.Notes = append([]Cell{{Text: "Dropped by the engine: " + strings.Join(lanes, "/") + ".", Tone: BadTone}}, t.Notes...)
	}
	return t
}

func buildScoreRow(s report.Score, lanes []string, roomy bool) []Cell {
	row := []Cell{{Text: report.MarkOf(s.Verdict) + " " + s.Scenario, Tone: ToneOf(s.Verdict), Link: report.Plain(s.Scenario) + "-" + evidence.ArmEngine}}
	if roomy {
		row = append(row, Cell{Text: string(s.Verdict), Tone: ToneOf(s.Verdict)})
	}
	row = append(row, formatTiming(s.Detect)...)
	if roomy {
		row = append(row, Cell{Text: s.Detect.Floor.By, Tone: SoftTone})
	}
	row = append(row, formatTiming(s.Recover)...)
	counted := append(formatDrops(s, lanes, roomy), TextCell(FormatNumber(s.ByFault)))
	if roomy {
		counted = append(counted, formatAvoidable(s))
	}
	counted = append(counted, TextCell(FormatNumber(s.Actions)), formatServingCell(s))
	if !s.Seen { // nothing was counted, which is not none
		for i := range counted {
			counted[i] = TextCell("–")
		}
	}
	return append(row, counted...)
}

func listScoreColumns(lanes []string, roomy bool) []Column {
	out := []Column{{Name: "scenario", Left: true}}
	if roomy {
		out = append(out, Column{Name: "ruling", Left: true})
	}
	for _, what := range []string{"detect", "recover"} {
		out = append(out, Column{Group: what, Name: "took"}, Column{Group: what, Name: "floor"}, Column{Group: what, Name: "ratio"})
		if roomy && what == "detect" {
			out = append(out, Column{Group: what, Name: "floor set by", Left: true})
		}
	}
	if roomy {
		for _, l := range lanes {
			out = append(out, Column{Group: "dropped by the engine", Name: l})
		}
		return append(out, Column{Group: "by the fault", Name: "all lanes"}, Column{Group: "avoidable", Name: "all lanes"}, Column{Name: "actions"}, Column{Group: "serving", Name: "fewest"})
	}
	return append(out, Column{Group: "dropped by", Name: "engine"}, Column{Group: "dropped by", Name: "fault"},
		Column{Name: "acts"}, Column{Group: "serving", Name: "least"})
}

// formatTiming returns the cells of the time, its floor and their ratio.
func formatTiming(t report.Timing) []Cell {
	took, floor, ratio := TextCell("–"), TextCell(""), TextCell("")
	if t.Took > 0 {
		took = TextCell(FormatInSeconds(t.Took))
	}
	switch {
	case t.Floor.Time > 0:
		floor = Cell{Text: FormatInSeconds(t.Floor.Time), Tone: SoftTone, Hint: "set by: " + t.Floor.By}
	case t.None && t.Took > 0:
		floor = Cell{Text: "none", Tone: SoftTone, Hint: "no new process was needed"}
	}
	if t.Ratio > 0 {
		ratio = TextCell(formatRatio(t.Ratio))
		if t.Ratio <= report.Aim {
			ratio.Tone = GoodTone
		}
	}
	return []Cell{took, floor, ratio}
}

// isSpared reports whether the engine itself dropped nothing, on no lane.
func isSpared(s report.Score) bool {
	for _, n := range s.ByEngine {
		if n > 0 {
			return false
		}
	}
	return true
}

func formatDrops(s report.Score, lanes []string, roomy bool) []Cell {
	var out []Cell
	var each []string
	for _, l := range lanes {
		c := Cell{Text: FormatNumber(s.ByEngine[l]), Tone: GoodTone}
		if s.ByEngine[l] > 0 {
			c.Tone = BadTone
		}
		out, each = append(out, c), append(each, c.Text)
	}
	switch {
	case roomy:
		return out
	case isSpared(s):
		return []Cell{{Text: "none", Tone: GoodTone}}
	}
	return []Cell{{Text: strings.Join(each, "/"), Tone: BadTone}}
}

// formatAvoidable returns the cell of how many requests were dropped that an engine could
// have saved.
func formatAvoidable(s report.Score) Cell {
	if s.Avoidable < 0 {
		return TextCell("–")
	}
	if s.Avoidable > 0 {
		return Cell{Text: FormatNumber(s.Avoidable), Tone: BadTone}
	}
	return Cell{Text: "none", Tone: GoodTone}
}

func formatServingCell(s report.Score) Cell {
	if s.Least < 0 {
		return TextCell("–")
	}
	return TextCell(fmt.Sprintf("%d/%d", s.Least, s.Workers))
}

// listScoreNotes says how the ratios are distributed, what the floors are, and what the
// columns do not show.
func listScoreNotes(r report.Digest, all []report.Score, roomy bool) []Cell {
	var notes []Cell
	add := func(s string) { notes = append(notes, Cell{Text: s, Tone: SoftTone}) }
	for _, x := range []struct {
		what string
		of   func(report.Score) report.Timing
	}{{"Detection", func(s report.Score) report.Timing { return s.Detect }}, {"Recovery", func(s report.Score) report.Timing { return s.Recover }}} {
		if s := describeSpread(all, x.of); s != "" {
			add(x.what + ": " + s)
		}
	}
	if s := describeTooSoon(all); s != "" {
		notes = append(notes, Cell{Text: s, Tone: UnsureTone})
	}
	add(describeFloors(roomy))
	if s := AvoidableSentence(report.AvoidableOf(r.Drills)); s != "" {
		add(s)
	}
	for _, s := range DescribeWords(report.WordsOf(r.Drills)) {
		add(s)
	}
	if report.Repeated(r) {
		add("Of repeated drills: the median times, the most drops and actions, the fewest serving, the worst ruling.")
	}
	rest := 0
	for _, s := range all {
		rest += s.ByRest
	}
	if rest > 0 {
		notes = append(notes, Cell{Text: fmt.Sprintf("%s more dropped are laid neither to the engine nor to the fault.", FormatCount(rest, "request")), Tone: UnsureTone})
	}
	return notes
}

// describeTooSoon names the detections that came before there was anything to see, "" for
// none. An engine that is right so early has seen something other than the harm.
func describeTooSoon(all []report.Score) string {
	var found []string
	for _, s := range all {
		if promise.IsTooSoon(s.Detect.Took, s.Detect.Floor) {
			found = append(found, fmt.Sprintf("%s at %s its floor", s.Scenario, formatRatio(s.Detect.Ratio)))
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "Suspicious: detected before there was anything to see, so by something else than the harm: " + strings.Join(found, ", ") + "."
}

// describeFloors says what the floors are; in one sentence unless roomy.
func describeFloors(roomy bool) string {
	if !roomy {
		return "Floors: the first word on PM2's bus or one heartbeat; a boot under PM2 in the same drill."
	}
	return "Floor of detection: the first word of harm on PM2's bus after the injection, or one heartbeat where a worker falls silent; " +
		"a silence is no trouble until it has lasted longer than the decoy's; a rolling restart is asked for and has none. Floor of recovery: PM2's own time from a process's start to its first answer, " +
		"the median of the same drill. Recovery counts from the fault's end; where the fault stays until somebody acts, detection is " +
		"part of it. Of a rolling restart it is the sum over the workers of that and the longest request that each had to finish."
}

// describeSpread sums up the ratios of a column in a sentence.
func describeSpread(all []report.Score, of func(report.Score) report.Timing) string {
	var known []report.Score
	good := 0
	for _, s := range all {
		if t := of(s); t.Ratio > 0 {
			known = append(known, s)
			if t.Ratio <= report.Aim {
				good++
			}
		}
	}
	if len(known) == 0 {
		return ""
	}
	slices.SortStableFunc(known, func(a, b report.Score) int {
		return cmp.Compare(of(a).Ratio, of(b).Ratio)
	})
	worst := known[len(known)-1]
	return fmt.Sprintf("median %s its floor, worst %s (%s), %d of %s within %s.",
		formatRatio(of(known[len(known)/2]).Ratio), formatRatio(of(worst).Ratio), worst.Scenario, good, FormatNumber(len(known)), formatRatio(report.Aim))
}

// FormatInSeconds is a duration in a column of its like: three figures and a unit.
func FormatInSeconds(d time.Duration) string {
	switch s := d.Seconds(); {
	case s < 9.995:
		return fmt.Sprintf("%.2f s", s)
	case s < 99.95:
		return fmt.Sprintf("%.1f s", s)
	default:
		return fmt.Sprintf("%.0f s", s)
	}
}

// formatRatio formats a ratio for people: "1.25×".
func formatRatio(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.2f×", x)
	}
	return fmt.Sprintf("%.1f×", x)
}

// ToneOf returns the tone in which a verdict is shown.
func ToneOf(v promise.Verdict) Tone {
	switch v {
	case promise.Kept:
		return GoodTone
	case promise.Broken:
		return BadTone
	}
	return UnsureTone
}
