package report

import (
	"math"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rate"
)

// Summary counts rulings.
type Summary struct {
	Drills          int `json:"drills"`
	Promises        int `json:"promises"`
	Kept            int `json:"kept"`
	BrokeAsExpected int `json:"broke_as_expected"`
	Broken          int `json:"broken"` // among them promises that had to break and were kept
	Inconclusive    int `json:"inconclusive"`
	Skipped         int `json:"skipped"`
}

// Summarize counts the rulings of every drill.
func Summarize(r Digest) Summary {
	s := Summary{Drills: len(r.Drills)}
	for _, d := range r.Drills {
		for _, x := range d.Rulings {
			s.add(OutcomeOf(x))
		}
	}
	return s
}

func (s *Summary) add(o Outcome) {
	s.Promises++
	switch o {
	case OutcomeKept:
		s.Kept++
	case OutcomeExpected:
		s.BrokeAsExpected++
	case OutcomeUnknown:
		s.Inconclusive++
	case OutcomeSkipped:
		s.Skipped++
	default:
		s.Broken++
	}
}

// Diagnoses is the confusion matrix.
type Diagnoses struct {
	Judged    int             `json:"judged"`
	Right     int             `json:"right"`
	Wrong     int             `json:"wrong"`
	Missed    int             `json:"missed"`
	Precision *float64        `json:"precision"` // null when nothing was named
	Recall    *float64        `json:"recall"`    // null when nothing was to be named
	LeftOut   int             `json:"left_out"`
	Cells     []ConfusionCell `json:"cells"`
}

// DiagnosesOf counts the causes that were to be named against those that were.
func DiagnosesOf(r Digest) Diagnoses {
	c := ConfusionOf(r)
	out := Diagnoses{Judged: c.Judged, Right: c.Right, Wrong: c.Wrong, Missed: c.Missed,
		Precision: c.Precision(), Recall: c.Recall(), Cells: []ConfusionCell{}}
	for _, drills := range c.LeftOut {
		out.LeftOut += len(drills)
	}
	out.Cells = append(out.Cells, c.Cells...)
	return out
}

// RepeatSummary is an arm that was drilled more than once.
type RepeatSummary struct {
	Scenario  string           `json:"scenario"`
	Arm       string           `json:"arm"`
	Runs      int              `json:"runs"`
	Kept      int              `json:"kept"`
	Flaky     bool             `json:"flaky"`
	Varied    bool             `json:"varied,omitempty"` // another app each time
	Judged    int              `json:"judged"`
	Interval  *rate.Interval   `json:"interval"`
	Dropped   []LaneSpan       `json:"dropped_by_lane"`
	DetectMS  *Spread[float64] `json:"detect_ms"`
	RecoverMS *Spread[float64] `json:"recover_ms"`
}

// RepeatsOf sums up every arm that was drilled more than once.
func RepeatsOf(r Digest) []RepeatSummary {
	out := []RepeatSummary{}
	for _, x := range Repeats(r) {
		sum := SummarizeArm(x.Group)
		row := RepeatSummary{Scenario: x.Scenario, Arm: x.Arm, Runs: len(x.Drills), Kept: x.Kept, Flaky: x.Flaky(),
			Varied: x.Varied, Judged: sum.Judged, Interval: sum.Interval,
			Dropped: []LaneSpan{}, DetectMS: SpreadMillis(x.Detect), RecoverMS: SpreadMillis(x.Recover)}
		row.Dropped = append(row.Dropped, x.Lanes...)
		out = append(out, row)
	}
	return out
}

// SpreadMillis converts times to milliseconds; nil stays nil.
func SpreadMillis(s *Spread[time.Duration]) *Spread[float64] {
	if s == nil {
		return nil
	}
	return &Spread[float64]{Millis(s.Least), Millis(s.Median), Millis(s.Most)}
}

// TimingSummary is the least that a drill's time could have been.
type TimingSummary struct {
	FloorMS *float64 `json:"floor_ms"` // null when there is none
	By      string   `json:"by,omitempty"`
	Ratio   *float64 `json:"ratio"` // null when either time is unknown
}

func (t Timing) Summary() TimingSummary {
	out := TimingSummary{FloorMS: KnownMillis(t.Floor.Time), By: t.Floor.By}
	if t.Ratio > 0 {
		out.Ratio = &t.Ratio
	}
	return out
}

// ScoreTotals is what the engine achieved beside its rulings: over its engine arms,
// and where it says so over every arm that it runs in.
type ScoreTotals struct {
	DetectMS        *Spread[float64] `json:"detect_ms"` // of every run in which the engine was asked, so that no median hides one
	RecoverMS       *Spread[float64] `json:"recover_ms"`
	Actions         *Spread[int]     `json:"actions"`
	DroppedByEngine *int             `json:"dropped_by_engine"` // in every arm that it runs in; null where nothing was counted, which is not none
	DroppedByFault  *int             `json:"dropped_by_fault"`
	Avoidable       map[string]int   `json:"avoidable"` // in every arm that it runs in, by lane; null where nothing was counted
	Words           EngineWords      `json:"words"`
	LeastServing    *int             `json:"least_serving"`
	Workers         int              `json:"workers"` // that there should be, where the fewest served
	Diagnoses       Diagnoses        `json:"diagnoses"`
	Scenarios       []scoreJSON      `json:"scenarios"`
}

// scoreJSON is one scenario's engine arm; of repetitions it has the median times
// and the worst of all else.
type scoreJSON struct {
	Scenario        string          `json:"scenario"`
	Verdict         promise.Verdict `json:"verdict"`
	DetectMS        *float64        `json:"detect_ms"`
	RecoverMS       *float64        `json:"recover_ms"`
	DetectFloor     TimingSummary   `json:"detect_floor"`
	RecoverFloor    TimingSummary   `json:"recover_floor"`
	DroppedByEngine map[string]int  `json:"dropped_by_engine"` // by lane; null without evidence, as all that follows
	DroppedByFault  *int            `json:"dropped_by_fault"`
	Avoidable       *int            `json:"avoidable"`
	Actions         *int            `json:"actions"`
	LeastServing    *int            `json:"least_serving"`
	Workers         *int            `json:"workers"`
}

// ScoresOf sums up what the engine achieved.
func ScoresOf(r Digest) ScoreTotals {
	out := ScoreTotals{Diagnoses: DiagnosesOf(r), Scenarios: []scoreJSON{}, Avoidable: AvoidableOf(r.Drills), Words: WordsOf(r.Drills)}
	var detect, recover []time.Duration
	var actions []int
	var byEngine, byFault int
	for _, d := range r.Drills {
		if d.Record == nil || d.Record.Unaided() {
			continue
		}
		s := ScoreOf(d)
		for _, n := range s.ByEngine {
			byEngine += n
		}
		out.DroppedByEngine = &byEngine
		if _, unasked := d.Record.Mark(evidence.MarkSkipped); unasked || d.Arm != evidence.ArmEngine {
			continue
		}
		byFault += s.ByFault
		out.DroppedByFault = &byFault
		actions = append(actions, s.Actions)
		if d.Detect > 0 {
			detect = append(detect, d.Detect)
		}
		if d.Recover > 0 {
			recover = append(recover, d.Recover)
		}
		if s.Least >= 0 && (out.LeastServing == nil || s.Least < *out.LeastServing) {
			out.LeastServing, out.Workers = &s.Least, s.Workers
		}
	}
	out.DetectMS, out.RecoverMS, out.Actions = SpreadMillis(SpreadOf(detect)), SpreadMillis(SpreadOf(recover)), SpreadOf(actions)
	for _, s := range Scores(r) {
		out.Scenarios = append(out.Scenarios, s.buildJSON())
	}
	return out
}

func (s Score) buildJSON() scoreJSON {
	out := scoreJSON{Scenario: s.Scenario, Verdict: s.Verdict, DetectMS: KnownMillis(s.Detect.Took), RecoverMS: KnownMillis(s.Recover.Took),
		DetectFloor: s.Detect.Summary(), RecoverFloor: s.Recover.Summary()}
	if !s.Seen {
		return out
	}
	out.DroppedByEngine, out.DroppedByFault, out.Actions, out.Workers = s.ByEngine, &s.ByFault, &s.Actions, &s.Workers
	if s.Avoidable >= 0 {
		out.Avoidable = &s.Avoidable
	}
	if s.Least >= 0 {
		out.LeastServing = &s.Least
	}
	return out
}

// Millis is a duration in milliseconds, to the microsecond.
func Millis(d time.Duration) float64 { return math.Round(float64(d)/1e3) / 1e3 }

// FromMillis is the inverse of ms.
func FromMillis(ms float64) time.Duration {
	return time.Duration(math.Round(ms*1e3)) * time.Microsecond
}

// KnownMillis is a duration in milliseconds, nil when it is 0 for unknown.
func KnownMillis(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	v := Millis(d)
	return &v
}
