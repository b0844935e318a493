package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Schema names the shape of report.json. Fields may be added under the same
// name; a field that goes or changes its meaning gets a new number. SCHEMA.md
// describes it.
const Schema = "pm2drill/report/2"

// schemas are those that Load reads. Of the first, losses has every one: Load
// attributes them anew, and reads the rest alike.
func schemas() []string { return []string{Schema, "pm2drill/report/1"} }

// document is report.json. Every *_ms is in milliseconds, and every moment is
// counted from its drill's start.
type document struct {
	Schema   string          `json:"schema"`
	Verdict  promise.Verdict `json:"verdict"`
	Headline []string        `json:"headline"`
	Run      runJSON         `json:"run"`
	Summary  summaryJSON     `json:"summary"`
	// Sums over the drills; they are made anew from them when a report is read.
	Diagnoses diagnosesJSON `json:"diagnoses"`
	Repeats   []repeatJSON  `json:"repeats"`
	Variants  *variantsJSON `json:"variants,omitempty"`
	Drills    []drillJSON   `json:"drills"`
	Voids     []voidJSON    `json:"voids"`
	Claims    []saying      `json:"claims,omitempty"`
	Rehearsal *Rehearsal    `json:"rehearsal,omitempty"`
	// Unfinished: the run is under way, or was killed. Evidence that is not there has not begun.
	Unfinished bool `json:"unfinished,omitempty"`
}

type runJSON struct {
	ID         string    `json:"id"`
	Started    time.Time `json:"started"`
	DurationMS float64   `json:"duration_ms"`
	Seed       int64     `json:"seed"`
	Command    string    `json:"command"`
	Versions   Versions  `json:"versions"`
	Host       Host      `json:"host"`
	Shard      *Shard    `json:"shard,omitempty"`
}

type drillJSON struct {
	Key          string            `json:"key"`
	Scenario     string            `json:"scenario"`
	Arm          string            `json:"arm"`
	Story        string            `json:"story"`
	Labels       []string          `json:"labels"`
	Claim        *Claim            `json:"claim,omitempty"`
	Verdict      promise.Verdict   `json:"verdict"`
	Command      string            `json:"command"`
	Varied       []evidence.Choice `json:"varied,omitempty"`   // in what the app differs from the catalogue's
	Evidence     string            `json:"evidence,omitempty"` // path within the report's folder
	DetectMS     *float64          `json:"detect_ms"`          // null when unknown, as all of these
	RecoverMS    *float64          `json:"recover_ms"`
	DetectFloor  timingJSON        `json:"detect_floor"`
	RecoverFloor timingJSON        `json:"recover_floor"`
	DurationMS   float64           `json:"duration_ms"`
	Actions      int               `json:"actions"`
	Alerts       int               `json:"alerts"`
	LeastServing *int              `json:"least_serving"`
	Workers      int               `json:"workers"`
	Lanes        []laneJSON        `json:"lanes"`
	Phases       []phaseJSON       `json:"phases"`
	Rulings      []rulingJSON      `json:"rulings"`
	Avoidable    map[string]int    `json:"avoidable"` // dropped requests by lane; null with no engine
	Cost         *costJSON         `json:"cost"`      // of the engine; null with none
	Words        wordsJSON         `json:"words"`
	Endings      []endingJSON      `json:"endings"`       // the first hundred
	Losses       []lossJSON        `json:"losses"`        // the foremost
	LossesUntold int               `json:"losses_untold"` // how many more there are
}

type laneJSON struct {
	Lane     string                 `json:"lane"`
	Owed     int                    `json:"owed"`
	Answered int                    `json:"answered"`
	Dropped  int                    `json:"dropped"`
	Counts   map[evidence.Class]int `json:"counts"`
	MaxLagMS float64                `json:"max_lag_ms"`
	LaidTo   map[string]int         `json:"laid_to"` // dropped, by who they are laid to
}

type phaseJSON struct {
	Name       string  `json:"name"`
	DurationMS float64 `json:"duration_ms"`
}

type rulingJSON struct {
	Name     string          `json:"name"`
	Promise  string          `json:"promise"`
	Cause    string          `json:"cause,omitempty"`
	Verdict  promise.Verdict `json:"verdict"`
	Expected promise.Verdict `json:"expected"`
	Met      bool            `json:"met"`
	Because  string          `json:"because"`
	Lacks    string          `json:"lacks,omitempty"`
	AtMS     []float64       `json:"at_ms"`
}

type lossJSON struct {
	ID       string         `json:"id"`
	Lane     string         `json:"lane"`
	Class    evidence.Class `json:"class"`
	Phase    string         `json:"phase"`
	Status   int            `json:"status,omitempty"`
	DueMS    float64        `json:"due_ms"`
	WaitedMS float64        `json:"waited_ms"` // from due to settled
	Reused   bool           `json:"reused"`
	Server   string         `json:"server"`
	PID      int            `json:"pid,omitempty"`
	Worker   int            `json:"worker"`
	Cause    string         `json:"cause"`
	Why      string         `json:"why"`
	Detail   string         `json:"detail,omitempty"`
}

// JSON writes report.json.
func JSON(w io.Writer, r Report) error {
	if err := encode(w, documentOf(r)); err != nil {
		return fmt.Errorf("cannot write report.json: %w", err)
	}
	return nil
}

func documentOf(r Report) document {
	title, sentences := headline(r)
	doc := document{
		Schema: Schema, Verdict: r.Verdict(), Headline: append([]string{title}, sentences...),
		Run: runOf(r), Summary: summaryOf(r),
		Diagnoses: diagnosesOf(r), Repeats: repeatsOf(r), Variants: variantsOf(r), Voids: voidsOf(r), Drills: make([]drillJSON, len(r.Drills)),
	}
	doc.Claims, doc.Rehearsal = sayings(r), r.Rehearsal
	for i, key := range r.keys("-") {
		doc.Drills[i] = drillOf(r.Drills[i], key)
	}
	return doc
}

func runOf(r Report) runJSON {
	return runJSON{
		ID: r.Run.ID, Started: r.Run.Started, DurationMS: ms(r.Run.Duration), Seed: r.Run.Seed,
		Command: r.Run.Command, Versions: r.Run.Versions, Host: r.Run.Host, Shard: r.Run.Shard,
	}
}

func drillOf(d Drill, key string) drillJSON {
	f := figuresOf(d)
	out := drillJSON{
		Key: key, Scenario: d.Scenario, Arm: d.Arm, Story: d.Story, Labels: append([]string{}, d.Labels...), Claim: d.Claim,
		Verdict: d.Verdict, Command: d.Command, Varied: d.Varied, DetectMS: known(d.Detect), RecoverMS: known(d.Recover),
		Actions: f.actions, Alerts: f.alerts, Workers: f.workers,
		Lanes: []laneJSON{}, Phases: []phaseJSON{}, Rulings: []rulingJSON{}, Losses: []lossJSON{},
	}
	detect, recover := timingsOf(d)
	out.DetectFloor, out.RecoverFloor, out.DurationMS = detect.json(), recover.json(), ms(d.took())
	if d.Record != nil {
		out.Evidence = evidencePath(key)
	}
	if f.least >= 0 {
		out.LeastServing = &f.least
	}
	for _, l := range f.lanes {
		out.Lanes = append(out.Lanes, laneJSON{
			l.name, l.owed, l.counts[evidence.Answered], l.dropped, l.counts, ms(l.maxLag), laidTo(d.Losses, l.name),
		})
	}
	out.Avoidable, out.Cost, out.Words, out.Endings = d.Avoidable, costOf(d), wordsOf([]Drill{d}), endingsOf(d)
	for _, p := range d.Phases {
		out.Phases = append(out.Phases, phaseJSON{p.Name, ms(p.Duration)})
	}
	start := d.start()
	for _, x := range d.Rulings {
		row := rulingJSON{x.Name, x.Promise, x.Cause, x.Verdict, x.Expected, outcomeOf(x).met(), x.Because, x.Lacks, []float64{}}
		for _, at := range x.At {
			row.AtMS = append(row.AtMS, ms(at-start))
		}
		out.Rulings = append(out.Rulings, row)
	}
	told := foremost(d.Losses, jsonLosses)
	out.LossesUntold = len(d.Losses) - len(told)
	for _, l := range told {
		q := l.Request
		out.Losses = append(out.Losses, lossJSON{
			q.ID, q.Lane, q.Class, q.Phase, q.Status, ms(q.Due - start), ms(q.Done - q.Due), q.Reused,
			l.Server, l.PID, l.Worker, l.Cause, l.Why, q.Detail,
		})
	}
	return out
}

// start is the drill's zero on its record's clock.
func (d Drill) start() time.Duration {
	if d.Record == nil {
		return 0
	}
	return d.Record.Header.Start
}

// Load reads back what Write wrote to dir, so that it can be judged and
// reported again: report.json for the run, the stories and the rulings, the
// evidence files for the rest. Losses are attributed anew.
func Load(dir string) (Report, error) {
	raw, err := os.ReadFile(filepath.Join(dir, fileJSON))
	if err != nil {
		return Report{}, fmt.Errorf("cannot load report: %w", err)
	}
	var doc document
	if err := json.Unmarshal(raw, &doc); err != nil {
		return Report{}, fmt.Errorf("cannot load report %s: %w", dir, err)
	}
	if !slices.Contains(schemas(), doc.Schema) {
		return Report{}, fmt.Errorf("cannot load report %s: its schema is %q, not one of %q", dir, doc.Schema, schemas())
	}
	r := Report{Dir: dir, Rehearsal: doc.Rehearsal, Run: Run{
		ID: doc.Run.ID, Started: doc.Run.Started, Duration: span(doc.Run.DurationMS), Seed: doc.Run.Seed,
		Versions: doc.Run.Versions, Host: doc.Run.Host, Command: doc.Run.Command, Shard: doc.Run.Shard,
	}}
	for _, row := range doc.Drills {
		if _, err := os.Stat(filepath.Join(dir, row.Evidence)); doc.Unfinished && errors.Is(err, fs.ErrNotExist) {
			row.Evidence = ""
		}
		d, err := row.drill(dir)
		if err != nil {
			return Report{}, fmt.Errorf("cannot load report %s: %w", dir, err)
		}
		r.Drills = append(r.Drills, d)
	}
	for _, row := range doc.Voids {
		d, err := drillJSON{Scenario: row.Scenario, Arm: row.Arm, Evidence: row.Evidence, Verdict: promise.Inconclusive}.drill(dir)
		if err != nil {
			return Report{}, fmt.Errorf("cannot load report %s: %w", dir, err)
		}
		r.Voids = append(r.Voids, d)
	}
	return r, nil
}

// drill is the inverse of drillOf.
func (row drillJSON) drill(dir string) (Drill, error) {
	d := Drill{
		Scenario: row.Scenario, Story: row.Story, Arm: row.Arm, Labels: row.Labels, Claim: row.Claim,
		Verdict: row.Verdict, Command: row.Command, Avoidable: row.Avoidable, Varied: row.Varied,
	}
	if row.Evidence != "" {
		if !filepath.IsLocal(row.Evidence) {
			return Drill{}, fmt.Errorf("evidence %q lies outside the report", row.Evidence)
		}
		var err error
		if d.Record, err = evidence.Load(filepath.Join(dir, row.Evidence)); err != nil {
			return Drill{}, err
		}
		d.Losses = promise.Losses(d.Record)
	}
	if row.DetectMS != nil {
		d.Detect = span(*row.DetectMS)
	}
	if row.RecoverMS != nil {
		d.Recover = span(*row.RecoverMS)
	}
	for _, p := range row.Phases {
		d.Phases = append(d.Phases, Phase{p.Name, span(p.DurationMS)})
	}
	for _, x := range row.Rulings {
		ruling := promise.Ruling{Name: x.Name, Promise: x.Promise, Cause: x.Cause, Verdict: x.Verdict, Expected: x.Expected, Because: x.Because, Lacks: x.Lacks}
		for _, at := range x.AtMS {
			ruling.At = append(ruling.At, d.start()+span(at))
		}
		d.Rulings = append(d.Rulings, ruling)
	}
	return d, nil
}
