package report

import (
	"math"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

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
func summaryOf(r Digest) summaryJSON {
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

func diagnosesOf(r Digest) diagnosesJSON {
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
	Varied    bool            `json:"varied,omitempty"` // another app each time
	Judged    int             `json:"judged"`
	Interval  *interval       `json:"interval"`
	Dropped   []laneSpanJSON  `json:"dropped_by_lane"`
	DetectMS  *span3[float64] `json:"detect_ms"`
	RecoverMS *span3[float64] `json:"recover_ms"`
}

type laneSpanJSON struct {
	Lane    string      `json:"lane"`
	Dropped *span3[int] `json:"dropped"`
}

func repeatsOf(r Digest) []repeatJSON {
	out := []repeatJSON{}
	for _, x := range repeats(r) {
		sum := armSumOf(x.group)
		row := repeatJSON{Scenario: x.scenario, Arm: x.arm, Runs: len(x.drills), Kept: x.kept, Flaky: x.flaky(),
			Varied: x.varied, Judged: sum.Judged, Interval: sum.Interval,
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

// scoresJSON is what the engine achieved beside its rulings: over its engine arms,
// and where it says so over every arm that it runs in.
type scoresJSON struct {
	DetectMS        *span3[float64] `json:"detect_ms"` // of every run in which the engine was asked, so that no median hides one
	RecoverMS       *span3[float64] `json:"recover_ms"`
	Actions         *span3[int]     `json:"actions"`
	DroppedByEngine *int            `json:"dropped_by_engine"` // in every arm that it runs in; null where nothing was counted, which is not none
	DroppedByFault  *int            `json:"dropped_by_fault"`
	Avoidable       map[string]int  `json:"avoidable"` // in every arm that it runs in, by lane; null where nothing was counted
	Words           wordsJSON       `json:"words"`
	LeastServing    *int            `json:"least_serving"`
	Workers         int             `json:"workers"` // that there should be, where the fewest served
	Diagnoses       diagnosesJSON   `json:"diagnoses"`
	Scenarios       []scoreJSON     `json:"scenarios"`
}

// scoreJSON is one scenario's engine arm; of repetitions it has the median times
// and the worst of all else.
type scoreJSON struct {
	Scenario        string          `json:"scenario"`
	Verdict         promise.Verdict `json:"verdict"`
	DetectMS        *float64        `json:"detect_ms"`
	RecoverMS       *float64        `json:"recover_ms"`
	DetectFloor     timingJSON      `json:"detect_floor"`
	RecoverFloor    timingJSON      `json:"recover_floor"`
	DroppedByEngine map[string]int  `json:"dropped_by_engine"` // by lane; null without evidence, as all that follows
	DroppedByFault  *int            `json:"dropped_by_fault"`
	Avoidable       *int            `json:"avoidable"`
	Actions         *int            `json:"actions"`
	LeastServing    *int            `json:"least_serving"`
	Workers         *int            `json:"workers"`
}

func scoresOf(r Digest) scoresJSON {
	out := scoresJSON{Diagnoses: diagnosesOf(r), Scenarios: []scoreJSON{}, Avoidable: avoidableOf(r.Drills), Words: wordsOf(r.Drills)}
	var detect, recover []time.Duration
	var actions []int
	var byEngine, byFault int
	for _, d := range r.Drills {
		if d.Record == nil || d.Record.Unaided() {
			continue
		}
		s := scoreOf(d)
		for _, n := range s.byEngine {
			byEngine += n
		}
		out.DroppedByEngine = &byEngine
		if _, unasked := d.Record.Mark(evidence.MarkSkipped); unasked || d.Arm != evidence.ArmEngine {
			continue
		}
		byFault += s.byFault
		out.DroppedByFault = &byFault
		actions = append(actions, s.actions)
		if d.Detect > 0 {
			detect = append(detect, d.Detect)
		}
		if d.Recover > 0 {
			recover = append(recover, d.Recover)
		}
		if s.least >= 0 && (out.LeastServing == nil || s.least < *out.LeastServing) {
			out.LeastServing, out.Workers = &s.least, s.workers
		}
	}
	out.DetectMS, out.RecoverMS, out.Actions = spanMS(spanOf(detect)), spanMS(spanOf(recover)), spanOf(actions)
	for _, s := range scores(r) {
		out.Scenarios = append(out.Scenarios, s.json())
	}
	return out
}

func (s score) json() scoreJSON {
	out := scoreJSON{Scenario: s.scenario, Verdict: s.verdict, DetectMS: known(s.detect.took), RecoverMS: known(s.recover.took),
		DetectFloor: s.detect.json(), RecoverFloor: s.recover.json()}
	if !s.seen {
		return out
	}
	out.DroppedByEngine, out.DroppedByFault, out.Actions, out.Workers = s.byEngine, &s.byFault, &s.actions, &s.workers
	if s.avoidable >= 0 {
		out.Avoidable = &s.avoidable
	}
	if s.least >= 0 {
		out.LeastServing = &s.least
	}
	return out
}

// ms is a duration in milliseconds, to the microsecond.
func ms(d time.Duration) float64 { return math.Round(float64(d)/1e3) / 1e3 }

// span is the inverse of ms.
func span(ms float64) time.Duration { return time.Duration(math.Round(ms*1e3)) * time.Microsecond }

// known is a duration in milliseconds, nil when it is 0 for unknown.
func known(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	v := ms(d)
	return &v
}
