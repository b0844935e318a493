package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// differs names in what a drill's app differs from the catalogue's, "" if in nothing.
func (d Drill) differs() string {
	var parts []string
	for _, c := range d.Varied {
		parts = append(parts, c.Of+" "+c.Value)
	}
	return strings.Join(parts, ", ")
}

// variant names a drill's app within a sentence, "" if it is the catalogue's.
func (d Drill) variant() string {
	if d.Varied == nil {
		return ""
	}
	return fmt.Sprintf(", variant %d (%s)", d.seed(), d.differs())
}

// seed is the drill's own, which is the variant's.
func (d Drill) seed() int64 {
	if d.Record == nil {
		return 0
	}
	return d.Record.Header.Seed
}

// variantSum is how variants fared: those of all, or of those that have one value.
type variantSum struct {
	evidence.Choice
	drawn, kept, judged int
}

// enter counts a variant by the worst of its drills in which an engine runs. One of which
// none proves anything is neither kept nor broken.
func (s *variantSum) enter(v promise.Verdict) {
	s.drawn++
	switch v {
	case promise.Kept, promise.Partial:
		s.kept, s.judged = s.kept+1, s.judged+1
	case promise.Broken:
		s.judged++
	}
}

// within is the interval of the rate of those that were as they must, nil of less than two.
func (s variantSum) within() *interval {
	if s.judged < 2 {
		return nil
	}
	within := wilson(s.kept, s.judged)
	return &within
}

// variantSums sums the variants of a run up, and for each value those that have it. A
// variant is a scenario and a seed.
func variantSums(r Digest) (all variantSum, values []variantSum) {
	type key struct {
		scenario string
		seed     int64
	}
	var order []key
	worst, app := map[key]promise.Verdict{}, map[key][]evidence.Choice{}
	for _, d := range r.Drills {
		if d.Varied == nil || d.Arm == evidence.ArmControl {
			continue
		}
		k := key{d.Scenario, d.seed()}
		if _, known := worst[k]; !known {
			order, worst[k] = append(order, k), promise.Kept
		}
		worst[k] = promise.Worse(worst[k], cmp.Or(d.Verdict, promise.Inconclusive))
		app[k] = d.Varied
	}
	for _, k := range order {
		all.enter(worst[k])
		for _, c := range app[k] {
			i := slices.IndexFunc(values, func(s variantSum) bool { return s.Choice == c })
			if i < 0 {
				i, values = len(values), append(values, variantSum{Choice: c})
			}
			values[i].enter(worst[k])
		}
	}
	return all, values
}

// variantTable shows which values two or more variants have in common of which some were not
// as they must, the worst first.
func variantTable(r Digest) table {
	all, values := variantSums(r)
	t := table{ID: "variants", Title: "Variants that were not as they must, by what was drawn"}
	if all.drawn == 0 {
		return t
	}
	t.Columns = []column{{Name: "drawn", Left: true}, {Name: "value", Left: true}, {Name: "not as it must"}, {Name: "of"}, {Name: "as it must, 95 %"}}
	values = slices.DeleteFunc(values, func(s variantSum) bool { return s.judged < 2 || s.kept == s.judged })
	slices.SortStableFunc(values, func(a, b variantSum) int {
		return cmp.Compare(a.kept*b.judged, b.kept*a.judged)
	})
	for _, s := range values {
		t.Rows = append(t.Rows, []cell{words(s.Of), words(s.Value), words(number(s.judged - s.kept)), words(number(s.judged)), words(percents(s.within()))})
	}
	t.Rows = append(t.Rows, []cell{words("all"), words(""), words(number(all.judged - all.kept)), words(number(all.judged)), words(percents(all.within()))})
	t.Notes = []cell{{Text: all.sentence(), Tone: softTone}}
	return t
}

// sentence says how all variants fared.
func (s variantSum) sentence() string {
	text := fmt.Sprintf("%s drawn, of which %d prove something; %d of those as they must", count(s.drawn, "variant"), s.judged, s.kept)
	if w := s.within(); w != nil {
		text += fmt.Sprintf(" (95 %% interval: %s)", percents(w))
	}
	return text + "."
}

// percents writes an interval, or a dash where there is none.
func percents(w *interval) string {
	if w == nil {
		return "–"
	}
	return fmt.Sprintf("%.0f–%.0f %%", 100*w.Low, 100*w.High)
}

// variantsJSON is how all variants fared.
type variantsJSON struct {
	Drawn    int               `json:"drawn"`
	Kept     int               `json:"as_they_must"`
	Judged   int               `json:"judged"` // that prove something
	Interval *interval         `json:"interval"`
	Values   []variantSumsJSON `json:"values"`
}

type variantSumsJSON struct {
	evidence.Choice
	Drawn    int       `json:"drawn"`
	Kept     int       `json:"as_they_must"`
	Judged   int       `json:"judged"`
	Interval *interval `json:"interval"`
}

// variantsOf is nil of a run without variants.
func variantsOf(r Digest) *variantsJSON {
	all, values := variantSums(r)
	if all.drawn == 0 {
		return nil
	}
	out := variantsJSON{Drawn: all.drawn, Kept: all.kept, Judged: all.judged, Interval: all.within(), Values: []variantSumsJSON{}}
	for _, s := range values {
		out.Values = append(out.Values, variantSumsJSON{s.Choice, s.drawn, s.kept, s.judged, s.within()})
	}
	return &out
}
