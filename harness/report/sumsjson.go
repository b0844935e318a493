package report

import "time"

// summaryJSON counts rulings.
type summaryJSON struct {
	Drills          int `json:"drills"`
	Promises        int `json:"promises"`
	Kept            int `json:"kept"`
	BrokeAsExpected int `json:"broke_as_expected"`
	Broken          int `json:"broken"` // among them promises that had to break and were kept
	Inconclusive    int `json:"inconclusive"`
	Skipped         int `json:"skipped"`
}

// summaryOf counts the rulings of every drill.
func summaryOf(r Report) summaryJSON {
	s := summaryJSON{Drills: len(r.Drills)}
	for _, d := range r.Drills {
		for _, x := range d.Rulings {
			s.add(outcomeOf(x))
		}
	}
	return s
}

func (s *summaryJSON) add(o outcome) {
	s.Promises++
	switch o {
	case asKept:
		s.Kept++
	case asExpected:
		s.BrokeAsExpected++
	case asUnknown:
		s.Inconclusive++
	case asSkipped:
		s.Skipped++
	default:
		s.Broken++
	}
}

// diagnosesJSON is the confusion matrix.
type diagnosesJSON struct {
	Judged    int             `json:"judged"`
	Right     int             `json:"right"`
	Wrong     int             `json:"wrong"`
	Missed    int             `json:"missed"`
	Precision *float64        `json:"precision"` // null when nothing was named
	Recall    *float64        `json:"recall"`    // null when nothing was to be named
	LeftOut   int             `json:"left_out"`
	Cells     []confusionJSON `json:"cells"`
}

type confusionJSON struct {
	Expected  string   `json:"expected"`
	Diagnosed string   `json:"diagnosed"`
	Cases     []string `json:"cases"`
}

func diagnosesOf(r Report) diagnosesJSON {
	c := confusionOf(r)
	out := diagnosesJSON{Judged: c.judged, Right: c.right, Wrong: c.wrong, Missed: c.missed,
		Precision: c.precision(), Recall: c.recall(), Cells: []confusionJSON{}}
	for _, drills := range c.leftOut {
		out.LeftOut += len(drills)
	}
	for _, x := range c.cells {
		out.Cells = append(out.Cells, confusionJSON{x.expected, x.diagnosed, x.drills})
	}
	return out
}

// repeatJSON is an arm that was drilled more than once.
type repeatJSON struct {
	Scenario  string          `json:"scenario"`
	Arm       string          `json:"arm"`
	Runs      int             `json:"runs"`
	Kept      int             `json:"kept"`
	Flaky     bool            `json:"flaky"`
	Dropped   []laneSpanJSON  `json:"dropped_by_lane"`
	DetectMS  *span3[float64] `json:"detect_ms"`
	RecoverMS *span3[float64] `json:"recover_ms"`
}

type laneSpanJSON struct {
	Lane    string      `json:"lane"`
	Dropped *span3[int] `json:"dropped"`
}

func repeatsOf(r Report) []repeatJSON {
	out := []repeatJSON{}
	for _, x := range repeats(r) {
		row := repeatJSON{Scenario: x.scenario, Arm: x.arm, Runs: len(x.drills), Kept: x.kept, Flaky: x.flaky(),
			Dropped: []laneSpanJSON{}, DetectMS: spanMS(x.detect), RecoverMS: spanMS(x.recover)}
		for _, l := range x.lanes {
			row.Dropped = append(row.Dropped, laneSpanJSON{l.lane, l.dropped})
		}
		out = append(out, row)
	}
	return out
}

func spanMS(s *span3[time.Duration]) *span3[float64] {
	if s == nil {
		return nil
	}
	return &span3[float64]{ms(s.Least), ms(s.Median), ms(s.Most)}
}

// timingJSON is the least that a drill's time could have been.
type timingJSON struct {
	FloorMS *float64 `json:"floor_ms"` // null when there is none
	By      string   `json:"by,omitempty"`
	Ratio   *float64 `json:"ratio"` // null when either time is unknown
}

func (t timing) json() timingJSON {
	out := timingJSON{FloorMS: known(t.floor.Time), By: t.floor.By}
	if t.ratio > 0 {
		out.Ratio = &t.ratio
	}
	return out
}
