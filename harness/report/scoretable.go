package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// scoreTable is the run's main table. Where room is scarce the engine's drops
// of all lanes share a column.
func scoreTable(r Digest, roomy bool) table {
	all := scores(r)
	t := table{ID: "scores", Title: "The engine at work"}
	if len(all) == 0 {
		return t
	}
	var lanes []string
	for _, l := range r.laneSet() {
		if l != evidence.LaneNoise {
			lanes = append(lanes, l)
		}
	}
	t.Columns = scoreColumns(lanes, roomy)
	for _, s := range all {
		t.Rows = append(t.Rows, s.row(lanes, roomy))
	}
	t.Notes = scoreNotes(r, all, roomy)
	if !roomy && slices.ContainsFunc(all, func(s score) bool { return !s.spared() }) {
		t.Notes = append([]cell{{Text: "Dropped by the engine: " + strings.Join(lanes, "/") + ".", Tone: badTone}}, t.Notes...)
	}
	return t
}

func (s score) row(lanes []string, roomy bool) []cell {
	row := []cell{{Text: markOf(s.verdict) + " " + s.scenario, Tone: toneOf(s.verdict), Link: plain(s.scenario) + "-" + evidence.ArmEngine}}
	if roomy {
		row = append(row, cell{Text: string(s.verdict), Tone: toneOf(s.verdict)})
	}
	row = append(row, s.detect.cells()...)
	if roomy {
		row = append(row, cell{Text: s.detect.floor.By, Tone: softTone})
	}
	row = append(row, s.recover.cells()...)
	counted := append(s.dropCells(lanes, roomy), words(number(s.byFault)))
	if roomy {
		counted = append(counted, s.avoidableCell())
	}
	counted = append(counted, words(number(s.actions)), s.serving())
	if !s.seen { // nothing was counted, which is not none
		for i := range counted {
			counted[i] = words("–")
		}
	}
	return append(row, counted...)
}

func scoreColumns(lanes []string, roomy bool) []column {
	out := []column{{Name: "scenario", Left: true}}
	if roomy {
		out = append(out, column{Name: "ruling", Left: true})
	}
	for _, what := range []string{"detect", "recover"} {
		out = append(out, column{Group: what, Name: "took"}, column{Group: what, Name: "floor"}, column{Group: what, Name: "ratio"})
		if roomy && what == "detect" {
			out = append(out, column{Group: what, Name: "floor set by", Left: true})
		}
	}
	if roomy {
		for _, l := range lanes {
			out = append(out, column{Group: "dropped by the engine", Name: l})
		}
		return append(out, column{Group: "by the fault", Name: "all lanes"}, column{Group: "avoidable", Name: "all lanes"}, column{Name: "actions"}, column{Group: "serving", Name: "fewest"})
	}
	return append(out, column{Group: "dropped by", Name: "engine"}, column{Group: "dropped by", Name: "fault"},
		column{Name: "acts"}, column{Group: "serving", Name: "least"})
}

// cells are the time, its floor and their ratio.
func (t timing) cells() []cell {
	took, floor, ratio := words("–"), words(""), words("")
	if t.took > 0 {
		took = words(inSeconds(t.took))
	}
	switch {
	case t.floor.Time > 0:
		floor = cell{Text: inSeconds(t.floor.Time), Tone: softTone, Hint: "set by: " + t.floor.By}
	case t.none && t.took > 0:
		floor = cell{Text: "none", Tone: softTone, Hint: "no new process was needed"}
	}
	if t.ratio > 0 {
		ratio = words(times(t.ratio))
		if t.ratio <= aim {
			ratio.Tone = goodTone
		}
	}
	return []cell{took, floor, ratio}
}

// spared reports whether the engine itself dropped nothing, on no lane.
func (s score) spared() bool {
	for _, n := range s.byEngine {
		if n > 0 {
			return false
		}
	}
	return true
}

func (s score) dropCells(lanes []string, roomy bool) []cell {
	var out []cell
	var each []string
	for _, l := range lanes {
		c := cell{Text: number(s.byEngine[l]), Tone: goodTone}
		if s.byEngine[l] > 0 {
			c.Tone = badTone
		}
		out, each = append(out, c), append(each, c.Text)
	}
	switch {
	case roomy:
		return out
	case s.spared():
		return []cell{{Text: "none", Tone: goodTone}}
	}
	return []cell{{Text: strings.Join(each, "/"), Tone: badTone}}
}

// avoidableCell is how many requests were dropped that an engine could have saved.
func (s score) avoidableCell() cell {
	if s.avoidable < 0 {
		return words("–")
	}
	if s.avoidable > 0 {
		return cell{Text: number(s.avoidable), Tone: badTone}
	}
	return cell{Text: "none", Tone: goodTone}
}

func (s score) serving() cell {
	if s.least < 0 {
		return words("–")
	}
	return words(fmt.Sprintf("%d/%d", s.least, s.workers))
}

// scoreNotes says how the ratios lie, what the floors are, and what the
// columns do not show.
func scoreNotes(r Digest, all []score, roomy bool) []cell {
	var notes []cell
	add := func(s string) { notes = append(notes, cell{Text: s, Tone: softTone}) }
	for _, x := range []struct {
		what string
		of   func(score) timing
	}{{"Detection", func(s score) timing { return s.detect }}, {"Recovery", func(s score) timing { return s.recover }}} {
		if s := spread(all, x.of); s != "" {
			add(x.what + ": " + s)
		}
	}
	if s := tooSoon(all); s != "" {
		notes = append(notes, cell{Text: s, Tone: unsureTone})
	}
	add(floorsAre(roomy))
	if s := avoidableSentence(avoidableOf(r.Drills)); s != "" {
		add(s)
	}
	for _, s := range wordsOf(r.Drills).sentences() {
		add(s)
	}
	if repeated(r) {
		add("Of repeated drills: the median times, the most drops and actions, the fewest serving, the worst ruling.")
	}
	rest := 0
	for _, s := range all {
		rest += s.byRest
	}
	if rest > 0 {
		notes = append(notes, cell{Text: fmt.Sprintf("%s more dropped are laid neither to the engine nor to the fault.", count(rest, "request")), Tone: unsureTone})
	}
	return notes
}

// credible is the least part of its floor that a detection may take: the floor is what the
// record shows, and the record is a moment late.
const credible = 0.9

// tooSoon names the detections that came before there was anything to see, "" for none. An
// engine that is right so early has seen something else than the harm.
func tooSoon(all []score) string {
	var found []string
	for _, s := range all {
		if s.detect.ratio > 0 && s.detect.ratio < credible {
			found = append(found, fmt.Sprintf("%s at %s its floor", s.scenario, times(s.detect.ratio)))
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "Suspicious: detected before there was anything to see, so by something else than the harm: " + strings.Join(found, ", ") + "."
}

// floorsAre says what the floors are.
func floorsAre(roomy bool) string {
	if !roomy {
		return "Floors: the first word on PM2's bus or one heartbeat; a boot under PM2 in the same drill."
	}
	return "Floor of detection: the first word of harm on PM2's bus after the injection, or one heartbeat where a worker falls silent; " +
		"a silence is no trouble until it has lasted longer than the decoy's; a rolling restart is asked for and has none. Floor of recovery: PM2's own time from a process's start to its first answer, " +
		"the median of the same drill. Recovery counts from the fault's end; where the fault stays until somebody acts, detection is " +
		"part of it. Of a rolling restart it is the sum over the workers of that and the longest request that each had to finish."
}

// spread sums the ratios of a column up in a sentence.
func spread(all []score, of func(score) timing) string {
	var known []score
	good := 0
	for _, s := range all {
		if t := of(s); t.ratio > 0 {
			known = append(known, s)
			if t.ratio <= aim {
				good++
			}
		}
	}
	if len(known) == 0 {
		return ""
	}
	slices.SortStableFunc(known, func(a, b score) int {
		return cmp.Compare(of(a).ratio, of(b).ratio)
	})
	worst := known[len(known)-1]
	return fmt.Sprintf("median %s its floor, worst %s (%s), %d of %s within %s.",
		times(of(known[len(known)/2]).ratio), times(of(worst).ratio), worst.scenario, good, number(len(known)), times(aim))
}

// inSeconds is a duration in a column of its like: three figures and a unit.
func inSeconds(d time.Duration) string {
	switch s := d.Seconds(); {
	case s < 9.995:
		return fmt.Sprintf("%.2f s", s)
	case s < 99.95:
		return fmt.Sprintf("%.1f s", s)
	default:
		return fmt.Sprintf("%.0f s", s)
	}
}

// times is a ratio as people read it.
func times(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.2f×", x)
	}
	return fmt.Sprintf("%.1f×", x)
}

func toneOf(v promise.Verdict) tone {
	switch v {
	case promise.Kept:
		return goodTone
	case promise.Broken:
		return badTone
	}
	return unsureTone
}
