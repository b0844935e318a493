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

// group is one scenario's arm with all its repetitions, or with all its variants.
type group struct {
	scenario, arm string
	varied        bool
	drills        []DrillDigest
}

// name is the scenario's, and says if its app was another one each time.
func (g group) name() string {
	if g.varied {
		return g.scenario + ", variants"
	}
	return g.scenario
}

// groups gathers repetitions, in the order in which each arm first comes.
func groups(r Digest) []group {
	var out []group
	for _, d := range r.Drills {
		i := slices.IndexFunc(out, func(g group) bool { return g.scenario == d.Scenario && g.arm == d.Arm && g.varied == (d.Varied != nil) })
		if i < 0 {
			i = len(out)
			out = append(out, group{scenario: d.Scenario, arm: d.Arm, varied: d.Varied != nil})
		}
		out[i].drills = append(out[i].drills, d)
	}
	return out
}

// repeated reports whether any arm was drilled more than once.
func repeated(r Digest) bool {
	return slices.ContainsFunc(groups(r), func(g group) bool { return len(g.drills) > 1 })
}

// span3 is the least, the median and the most of several figures.
type span3[T cmp.Ordered] struct {
	Least  T `json:"least"`
	Median T `json:"median"`
	Most   T `json:"most"`
}

// spanOf is nil of no figures.
func spanOf[T cmp.Ordered](values []T) *span3[T] {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	return &span3[T]{values[0], values[len(values)/2], values[len(values)-1]}
}

// repeat is how the repetitions of an arm fared.
type repeat struct {
	group
	kept            int // drills that showed what they had to
	worst           promise.Verdict
	dropped         *span3[int]
	lanes           []laneSpan
	detect, recover *span3[time.Duration] // of the drills in which they are known
}

type laneSpan struct {
	lane    string
	dropped *span3[int]
}

// flaky is an arm that was right some times only.
func (x repeat) flaky() bool { return x.kept > 0 && x.kept < len(x.drills) }

// repeats sums up every arm that was drilled more than once.
func repeats(r Digest) []repeat {
	var out []repeat
	for _, g := range groups(r) {
		if len(g.drills) > 1 {
			out = append(out, repeatOf(g))
		}
	}
	return out
}

func repeatOf(g group) repeat {
	x := repeat{group: g, worst: promise.Kept}
	var detect, recover []time.Duration
	var total []int
	byLane := map[string][]int{}
	for _, d := range g.drills {
		x.worst = promise.Worse(x.worst, d.Verdict)
		if d.asItMust() {
			x.kept++
		}
		if d.Detect > 0 {
			detect = append(detect, d.Detect)
		}
		if d.Recover > 0 {
			recover = append(recover, d.Recover)
		}
		if d.Record == nil {
			continue
		}
		f := d.figures
		_, n := f.totals()
		total = append(total, n)
		for _, l := range f.lanes {
			byLane[l.name] = append(byLane[l.name], l.dropped)
		}
	}
	x.dropped, x.detect, x.recover = spanOf(total), spanOf(detect), spanOf(recover)
	for _, l := range lanesIn(g.drills) {
		if l != evidence.LaneNoise {
			x.lanes = append(x.lanes, laneSpan{l, spanOf(byLane[l])})
		}
	}
	return x
}

// repeatTable shows repetitions; with room to spare, lane by lane.
func repeatTable(r Digest, roomy bool) table {
	all := repeats(r)
	t := table{ID: "repeats", Title: "Repeated drills"}
	if len(all) == 0 {
		return t
	}
	t.Columns = []column{{Name: "scenario", Left: true}, {Name: "arm", Left: true}, {Name: "as it must"}, {Name: "rate, 95 % interval"}}
	lanes := []string{"in all lanes"}
	if roomy {
		lanes = nil
		for _, l := range r.laneSet() {
			if l != evidence.LaneNoise {
				lanes = append(lanes, l)
			}
		}
	}
	for _, l := range lanes {
		t.Columns = append(t.Columns, column{Group: "dropped", Name: l})
	}
	t.Columns = append(t.Columns, column{Name: "detect"}, column{Name: "recover"})
	for _, x := range all {
		t.Rows = append(t.Rows, x.row(lanes, roomy))
	}
	t.Notes = repeatNotes(all)
	return t
}

func (x repeat) row(lanes []string, roomy bool) []cell {
	tone, fared := toneOf(x.worst), fmt.Sprintf("%d of %d", x.kept, len(x.drills))
	switch {
	case x.flaky():
		tone, fared = unsureTone, "flaky: "+fared
	case x.worst == promise.Inconclusive, x.worst == promise.Partial:
		fared += ", " + string(x.worst)
	}
	row := []cell{{Text: x.name(), Tone: tone, Link: plain(x.scenario) + "-" + plain(x.arm)}, words(x.arm), {Text: fared, Tone: tone}, words(armSumOf(x.group).rated())}
	if !roomy {
		row = append(row, words(three(x.dropped, number)))
	} else {
		for _, name := range lanes {
			i := slices.IndexFunc(x.lanes, func(l laneSpan) bool { return l.lane == name })
			if i < 0 {
				row = append(row, words("–"))
				continue
			}
			row = append(row, words(three(x.lanes[i].dropped, number)))
		}
	}
	return append(row, words(three(x.detect, bare)), words(three(x.recover, bare)))
}

func repeatNotes(all []repeat) []cell {
	var flaky []string
	kept := 0
	for _, x := range all {
		switch {
		case x.flaky():
			flaky = append(flaky, fmt.Sprintf("%s %s (%d of %d)", x.name(), x.arm, x.kept, len(x.drills)))
		case x.kept == len(x.drills):
			kept++
		}
	}
	notes := []cell{{Text: fmt.Sprintf("As they must every time: %d of %s. Least/median/most of an arm's drills, times in seconds. Rates are of the drills that prove something, with Wilson's score interval.",
		kept, count(len(all), "arm")), Tone: softTone}}
	if len(flaky) > 0 {
		notes = append(notes, cell{Text: "Flaky: " + strings.Join(flaky, ", ") + ".", Tone: unsureTone})
	}
	return notes
}

// three writes a span, or one figure where all are the same.
func three[T cmp.Ordered](s *span3[T], show func(T) string) string {
	if s == nil {
		return "–"
	}
	if show(s.Least) == show(s.Most) {
		return show(s.Least)
	}
	return show(s.Least) + "/" + show(s.Median) + "/" + show(s.Most)
}

// bare is seconds without its unit.
func bare(d time.Duration) string { return strings.TrimSuffix(inSeconds(d), " s") }
