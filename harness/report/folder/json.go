package folder

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

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/page"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// Schema names the shape of report.json. Fields may be added under the same
// name; a field that goes or changes its meaning gets a new number. SCHEMA.md
// describes it.
const Schema = "pm2drill/report/2"

// listSchemas returns the names of the schemas that Load reads. It attributes the losses
// of a report of the older one again, since that report lists all of them.
func listSchemas() []string { return []string{Schema, "pm2drill/report/1"} }

// document is report.json. Every *_ms is in milliseconds, and every moment is
// counted from its drill's start.
type document struct {
	Schema   string          `json:"schema"`
	Verdict  promise.Verdict `json:"verdict"`
	Headline []string        `json:"headline"`
	Run      RunJSON         `json:"run"`
	Summary  report.Summary  `json:"summary"`
	// Sums over the drills; they are made anew from them when a report is read.
	Diagnoses report.Diagnoses       `json:"diagnoses"`
	Repeats   []report.RepeatSummary `json:"repeats"`
	Variants  *report.Variants       `json:"variants,omitempty"`
	Drills    []DrillJSON            `json:"drills"`
	Voids     []VoidJSON             `json:"voids"`
	Claims    []report.GuideClaim    `json:"claims,omitempty"`
	Rehearsal *report.Rehearsal      `json:"rehearsal,omitempty"`
	// Unfinished: the run is under way, or was killed. Evidence that is not there has not begun.
	Unfinished bool `json:"unfinished,omitempty"`
}

// RunJSON is the run in report.json.
type RunJSON struct {
	ID         string           `json:"id"`
	Started    time.Time        `json:"started"`
	DurationMS float64          `json:"duration_ms"`
	Seed       int64            `json:"seed"`
	Command    string           `json:"command"`
	Versions   report.Versions  `json:"versions"`
	Host       report.Host      `json:"host"`
	Hosts      []report.RunHost `json:"hosts,omitempty"`
	Shard      *report.Shard    `json:"shard,omitempty"`
}

// DrillJSON is a drill in report.json.
type DrillJSON struct {
	Key          string               `json:"key"`
	Scenario     string               `json:"scenario"`
	Arm          string               `json:"arm"`
	Story        string               `json:"story"`
	Labels       []string             `json:"labels"`
	Claim        *report.Claim        `json:"claim,omitempty"`
	Verdict      promise.Verdict      `json:"verdict"`
	Command      string               `json:"command"`
	Host         string               `json:"host,omitempty"`     // the Docker host among several
	Varied       []evidence.Choice    `json:"varied,omitempty"`   // in what the app differs from the catalogue's
	Evidence     string               `json:"evidence,omitempty"` // path within the report's folder
	DetectMS     *float64             `json:"detect_ms"`          // null when unknown, as all of these
	RecoverMS    *float64             `json:"recover_ms"`
	DetectFloor  report.TimingSummary `json:"detect_floor"`
	RecoverFloor report.TimingSummary `json:"recover_floor"`
	DurationMS   float64              `json:"duration_ms"`
	Actions      int                  `json:"actions"`
	Alerts       int                  `json:"alerts"`
	LeastServing *int                 `json:"least_serving"`
	Workers      int                  `json:"workers"`
	Lanes        []laneJSON           `json:"lanes"`
	Phases       []phaseJSON          `json:"phases"`
	Rulings      []rulingJSON         `json:"rulings"`
	Avoidable    map[string]int       `json:"avoidable"` // dropped requests by lane; null with no engine
	Cost         *report.Cost         `json:"cost"`      // of the engine; null with none
	Words        report.EngineWords   `json:"words"`
	Endings      []report.Ending      `json:"endings"`       // the first hundred
	Losses       []lossJSON           `json:"losses"`        // the foremost
	LossesUntold int                  `json:"losses_untold"` // how many more there are
}

type laneJSON struct {
	Lane     string                 `json:"lane"`
	Owed     int                    `json:"owed"`
	Answered int                    `json:"answered"`
	Dropped  int                    `json:"dropped"`
	Counts   map[evidence.Class]int `json:"counts"`
	MaxLagMS float64                `json:"max_lag_ms"`
	LaidTo   map[string]int         `json:"laid_to"` // dropped, by who they are attributed to
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
func JSON(w io.Writer, r report.Digest) error {
	if err := Encode(w, buildDocument(r)); err != nil {
		return fmt.Errorf("cannot write report.json: %w", err)
	}
	return nil
}

func buildDocument(r report.Digest) document {
	title, sentences := render.Headline(r)
	doc := document{
		Schema: Schema, Verdict: r.Verdict(), Headline: append([]string{title}, sentences...),
		Run: RunOf(r), Summary: report.Summarize(r),
		Diagnoses: report.DiagnosesOf(r), Repeats: report.RepeatsOf(r), Variants: report.VariantsOf(r), Voids: VoidsOf(r.Report), Drills: make([]DrillJSON, len(r.Drills)),
	}
	doc.Claims, doc.Rehearsal = report.GuideClaims(r), r.Rehearsal
	for i, d := range r.Drills {
		doc.Drills[i] = DrillOf(d)
	}
	return doc
}

// RunOf converts the run to its form in report.json.
func RunOf(r report.Digest) RunJSON {
	return RunJSON{
		ID: r.Run.ID, Started: r.Run.Started, DurationMS: report.Millis(r.Run.Duration), Seed: r.Run.Seed,
		Command: r.Run.Command, Versions: r.Run.Versions, Host: r.Run.Host, Hosts: r.Run.Hosts, Shard: r.Run.Shard,
	}
}

// DrillOf converts a drill to its form in report.json.
func DrillOf(d report.DrillDigest) DrillJSON {
	f := d.Figures
	out := DrillJSON{
		Key: d.Key, Scenario: d.Scenario, Arm: d.Arm, Story: d.Story, Labels: append([]string{}, d.Labels...), Claim: d.Claim,
		Verdict: d.Verdict, Command: d.Command, Varied: d.Varied, DetectMS: report.KnownMillis(d.Detect), RecoverMS: report.KnownMillis(d.Recover),
		Actions: f.Actions, Alerts: f.Alerts, Workers: f.Workers,
		Lanes: []laneJSON{}, Phases: []phaseJSON{}, Rulings: []rulingJSON{}, Losses: []lossJSON{},
	}
	detect, recover := d.Detection, d.Recovery
	out.DetectFloor, out.RecoverFloor, out.DurationMS = detect.Summary(), recover.Summary(), report.Millis(d.Took())
	if d.Record != nil {
		out.Evidence, out.Host = report.EvidencePath(d.Key), d.Record.Header.Host
	}
	if f.Least >= 0 {
		out.LeastServing = &f.Least
	}
	for _, l := range f.Lanes {
		out.Lanes = append(out.Lanes, laneJSON{
			l.Name, l.Owed, l.Counts[evidence.Answered], l.Dropped, l.Counts, report.Millis(l.MaxLag), report.LaidTo(d.Losses, l.Name),
		})
	}
	out.Avoidable, out.Cost, out.Words, out.Endings = d.Avoidable, d.Cost, d.Words, d.Endings
	for _, p := range d.Phases {
		out.Phases = append(out.Phases, phaseJSON{p.Name, report.Millis(p.Duration)})
	}
	start := d.Start()
	for _, x := range d.Rulings {
		row := rulingJSON{x.Name, x.Promise, x.Cause, x.Verdict, x.Expected, report.OutcomeOf(x).Met(), x.Because, x.Lacks, []float64{}}
		for _, at := range x.At {
			row.AtMS = append(row.AtMS, report.Millis(at-start))
		}
		out.Rulings = append(out.Rulings, row)
	}
	told := page.Foremost(d.Losses, page.JsonLosses)
	out.LossesUntold = len(d.Losses) - len(told)
	for _, l := range told {
		q := l.Request
		out.Losses = append(out.Losses, lossJSON{
			q.ID, q.Lane, q.Class, q.Phase, q.Status, report.Millis(q.Due - start), report.Millis(q.Done - q.Due), q.Reused,
			l.Server, l.PID, l.Worker, l.Cause, l.Why, q.Detail,
		})
	}
	return out
}

// Load reads back what Write wrote to dir, so that it can be judged and
// reported again: report.json for the run, the stories and the rulings, the
// evidence files for the rest. Losses are attributed anew.
func Load(dir string) (report.Report, error) {
	raw, err := os.ReadFile(filepath.Join(dir, fileJSON))
	if err != nil {
		return report.Report{}, fmt.Errorf("cannot load report: %w", err)
	}
	var doc document
	if err := json.Unmarshal(raw, &doc); err != nil {
		return report.Report{}, fmt.Errorf("cannot load report %s: %w", dir, err)
	}
	if !slices.Contains(listSchemas(), doc.Schema) {
		return report.Report{}, fmt.Errorf("cannot load report %s: its schema is %q, not one of %q", dir, doc.Schema, listSchemas())
	}
	r := report.Report{Dir: dir, Rehearsal: doc.Rehearsal, Run: report.Run{
		ID: doc.Run.ID, Started: doc.Run.Started, Duration: report.FromMillis(doc.Run.DurationMS), Seed: doc.Run.Seed,
		Versions: doc.Run.Versions, Host: doc.Run.Host, Hosts: doc.Run.Hosts, Command: doc.Run.Command, Shard: doc.Run.Shard,
	}}
	for _, row := range doc.Drills {
		if _, err := os.Stat(filepath.Join(dir, row.Evidence)); doc.Unfinished && errors.Is(err, fs.ErrNotExist) {
			row.Evidence = ""
		}
		d, err := row.Drill(dir)
		if err != nil {
			return report.Report{}, fmt.Errorf("cannot load report %s: %w", dir, err)
		}
		r.Drills = append(r.Drills, d)
	}
	for _, row := range doc.Voids {
		d, err := DrillJSON{Scenario: row.Scenario, Arm: row.Arm, Evidence: row.Evidence, Verdict: promise.Inconclusive}.Drill(dir)
		if err != nil {
			return report.Report{}, fmt.Errorf("cannot load report %s: %w", dir, err)
		}
		r.Voids = append(r.Voids, d)
	}
	return r, nil
}

// Drill is the inverse of drillOf.
func (row DrillJSON) Drill(dir string) (report.Drill, error) {
	d := report.Drill{
		Scenario: row.Scenario, Story: row.Story, Arm: row.Arm, Labels: row.Labels, Claim: row.Claim,
		Verdict: row.Verdict, Command: row.Command, Avoidable: row.Avoidable, Varied: row.Varied,
	}
	if row.Evidence != "" {
		if !filepath.IsLocal(row.Evidence) {
			return report.Drill{}, fmt.Errorf("evidence %q lies outside the report", row.Evidence)
		}
		var err error
		if d.Record, err = evidence.Load(filepath.Join(dir, row.Evidence)); err != nil {
			return report.Drill{}, err
		}
		d.Losses = promise.Losses(d.Record)
	}
	if row.DetectMS != nil {
		d.Detect = report.FromMillis(*row.DetectMS)
	}
	if row.RecoverMS != nil {
		d.Recover = report.FromMillis(*row.RecoverMS)
	}
	for _, p := range row.Phases {
		d.Phases = append(d.Phases, report.Phase{Name: p.Name, Duration: report.FromMillis(p.DurationMS)})
	}
	for _, x := range row.Rulings {
		ruling := promise.Ruling{Name: x.Name, Promise: x.Promise, Cause: x.Cause, Verdict: x.Verdict, Expected: x.Expected, Because: x.Because, Lacks: x.Lacks}
		for _, at := range x.AtMS {
			ruling.At = append(ruling.At, d.Start()+report.FromMillis(at))
		}
		d.Rulings = append(d.Rulings, ruling)
	}
	return d, nil
}
