package report

import (
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Confusion holds the causes that drills were to show against those that the
// engine named, over the arms in which an engine runs.
type Confusion struct {
	Causes  []string            // that occur, by first occurrence; promise.NoCause last
	Cells   []ConfusionCell     // that are not empty
	Judged  int                 // drills
	Right   int                 // drills of which the engine said what it must and nothing else
	Wrong   int                 // causes named that were not the case
	Missed  int                 // causes not named that were the case
	hits    int                 // causes named that were the case
	LeftOut map[string][]string // drills that say nothing of causes, by why
}

// ConfusionCell is one pair of causes, with the drills that showed it.
type ConfusionCell struct {
	Expected  string   `json:"expected"`
	Diagnosed string   `json:"diagnosed"`
	Drills    []string `json:"cases"` // "scenario arm", repetitions and all
}

// Off reports whether the cell is a mistake.
func (c ConfusionCell) Off() bool { return c.Expected != c.Diagnosed }

// ConfusionOf counts a run's diagnoses. The cause to expect is the one that a
// ruling of the drill carries; a drill that proves nothing is left out.
func ConfusionOf(r Digest) Confusion {
	c := Confusion{LeftOut: map[string][]string{}}
	for _, d := range r.Drills {
		if d.Record == nil || d.Arm == evidence.ArmControl {
			continue
		}
		i := slices.IndexFunc(d.Rulings, func(x promise.Ruling) bool { return x.Cause != "" })
		name, why := d.Scenario+" "+d.Arm, ""
		switch {
		case i < 0:
			why = "no promise of theirs is about causes"
		case !slices.Contains(d.Record.Capabilities(), promise.Detect):
			why = "the engine does not declare that it can detect"
		case d.Rulings[i].Verdict == promise.Inconclusive, d.Rulings[i].Verdict == promise.Skipped:
			why = string(d.Rulings[i].Verdict)
		}
		if why != "" {
			c.LeftOut[why] = append(c.LeftOut[why], name)
		} else {
			c.enter(name, listExpected(d), promise.Diagnosed(d.Record))
		}
	}
	slices.SortStableFunc(c.Causes, func(a, b string) int { return rankCause(a) - rankCause(b) })
	return c
}

// rankCause returns 1 for promise.NoCause, else 0: it sorts that cause behind the others.
func rankCause(cause string) int {
	if cause == promise.NoCause {
		return 1
	}
	return 0
}

// listExpected returns the causes that a drill is to show, each once: several where
// faults overlap.
func listExpected(d DrillDigest) []string {
	var causes []string
	for _, x := range d.Rulings {
		if x.Cause != "" && !slices.Contains(causes, x.Cause) {
			causes = append(causes, x.Cause)
		}
	}
	return causes
}

// enter counts one drill. A cause that was to be named counts against itself if it was, and
// one that was named in vain against the first that was to be.
func (c *Confusion) enter(drill string, expected, diagnosed []string) {
	c.Judged++
	if len(diagnosed) == 0 {
		diagnosed = []string{promise.NoCause}
	}
	wrongs := 0
	for _, d := range diagnosed {
		against := d
		if !slices.Contains(expected, d) {
			against = expected[0]
		}
		c.addDrill(against, d, drill)
		switch {
		case d == against && d != promise.NoCause:
			c.hits++
		case d != against:
			wrongs++
			if d != promise.NoCause {
				c.Wrong++
			}
		}
	}
	missed := 0
	for i, e := range expected {
		if e == promise.NoCause || slices.Contains(diagnosed, e) {
			continue
		}
		if missed++; i > 0 || wrongs == 0 {
			c.addDrill(e, promise.NoCause, drill)
		}
	}
	if c.Missed += missed; wrongs+missed == 0 {
		c.Right++
	}
}

func (c *Confusion) addDrill(expected, diagnosed, drill string) {
	for _, cause := range []string{expected, diagnosed} {
		if !slices.Contains(c.Causes, cause) {
			c.Causes = append(c.Causes, cause)
		}
	}
	i := slices.IndexFunc(c.Cells, func(x ConfusionCell) bool { return x.Expected == expected && x.Diagnosed == diagnosed })
	if i < 0 {
		i = len(c.Cells)
		c.Cells = append(c.Cells, ConfusionCell{Expected: expected, Diagnosed: diagnosed})
	}
	c.Cells[i].Drills = append(c.Cells[i].Drills, drill)
}

// Precision is the share of named causes that were the case, recall the share
// of causes to name that were named; nil when there is none.
func (c Confusion) Precision() *float64 { return computeShare(c.hits, c.hits+c.Wrong) }

func (c Confusion) Recall() *float64 { return computeShare(c.hits, c.hits+c.Missed) }

func computeShare(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	x := float64(n) / float64(of)
	return &x
}
