package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rate"
)

// Differs names in what a drill's app differs from the catalogue's, "" if in nothing.
func (d Drill) Differs() string {
	var parts []string
	for _, c := range d.Varied {
		parts = append(parts, c.Of+" "+c.Value)
	}
	return strings.Join(parts, ", ")
}

// Variant names a drill's app within a sentence, "" if it is the catalogue's.
func (d Drill) Variant() string {
	if d.Varied == nil {
		return ""
	}
	return fmt.Sprintf(", variant %d (%s)", d.readSeed(), d.Differs())
}

// readSeed returns the drill's own seed, which is that of its variant; 0 without a
// record.
func (d Drill) readSeed() int64 {
	if d.Record == nil {
		return 0
	}
	return d.Record.Header.Seed
}

// VariantSum is how variants fared: those of all, or of those that have one value.
type VariantSum struct {
	evidence.Choice
	Drawn, Kept, Judged int
}

// enter counts a variant by the worst of its drills in which an engine runs. One of which
// none proves anything is neither kept nor broken.
func (s *VariantSum) enter(v promise.Verdict) {
	s.Drawn++
	switch v {
	case promise.Kept, promise.Partial:
		s.Kept, s.Judged = s.Kept+1, s.Judged+1
	case promise.Broken:
		s.Judged++
	}
}

// Within is the interval of the rate of those that were as they must, nil of less than two.
func (s VariantSum) Within() *rate.Interval {
	if s.Judged < 2 {
		return nil
	}
	within := rate.Wilson(s.Kept, s.Judged)
	return &within
}

// VariantSums sums the variants of a run up, and for each value those that have it. A
// variant is a scenario and a seed.
func VariantSums(r Digest) (all VariantSum, values []VariantSum) {
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
		k := key{d.Scenario, d.readSeed()}
		if _, known := worst[k]; !known {
			order, worst[k] = append(order, k), promise.Kept
		}
		worst[k] = promise.Worse(worst[k], cmp.Or(d.Verdict, promise.Inconclusive))
		app[k] = d.Varied
	}
	for _, k := range order {
		all.enter(worst[k])
		for _, c := range app[k] {
			i := slices.IndexFunc(values, func(s VariantSum) bool { return s.Choice == c })
			if i < 0 {
				i, values = len(values), append(values, VariantSum{Choice: c})
			}
			values[i].enter(worst[k])
		}
	}
	return all, values
}

// Variants is how all variants fared.
type Variants struct {
	Drawn    int               `json:"drawn"`
	Kept     int               `json:"as_they_must"`
	Judged   int               `json:"judged"` // that prove something
	Interval *rate.Interval    `json:"interval"`
	Values   []variantSumsJSON `json:"values"`
}

type variantSumsJSON struct {
	evidence.Choice
	Drawn    int            `json:"drawn"`
	Kept     int            `json:"as_they_must"`
	Judged   int            `json:"judged"`
	Interval *rate.Interval `json:"interval"`
}

// VariantsOf is nil of a run without variants.
func VariantsOf(r Digest) *Variants {
	all, values := VariantSums(r)
	if all.Drawn == 0 {
		return nil
	}
	out := Variants{Drawn: all.Drawn, Kept: all.Kept, Judged: all.Judged, Interval: all.Within(), Values: []variantSumsJSON{}}
	for _, s := range values {
		out.Values = append(out.Values, variantSumsJSON{s.Choice, s.Drawn, s.Kept, s.Judged, s.Within()})
	}
	return &out
}
