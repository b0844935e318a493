// Package conformance states what a gate's run says of an engine: conformance.json, its
// Markdown, the badge and the annotations of a CI job.
package conformance

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// ConformanceSchema names the shape of conformance.json, by the rules of Schema.
// CONFORMANCE.md describes it.
const ConformanceSchema = "pm2drill/conformance/1"

// Gate is what a run holds an engine to.
type Gate struct {
	Profile string // the set of scenarios, e.g. "core"
	Engine  report.GateEngine
	Repeat  int // how many times each arm was to be drilled, 0 for once
	Due     int // drills that were to take place, repetitions and all; 0 if nobody has counted them
	LeftOut int // drills that the profile asks for besides, and that were left out on purpose
}

// Result is what a gate's run comes to.
type Result string

// The results.
const (
	Passed       Result = "passed"       // every promise is kept in every arm
	Partial      Result = "partial"      // the same of what the engine declares, or of what was drilled; the rest was skipped, which is no pass
	Failed       Result = "failed"       // some promise is broken
	Inconclusive Result = "inconclusive" // the run proves nothing, or was cut short
)

// Statement is what a run says of an engine's conformance to a profile, for
// whoever has to decide on it without reading the report.
type Statement struct {
	gate   Gate
	report report.Digest
	doc    conformance
}

// conformance is conformance.json.
type conformance struct {
	Schema    string              `json:"schema"`
	Result    Result              `json:"result"`
	Headline  []string            `json:"headline"`
	Profile   string              `json:"profile"`
	Engine    report.Engine       `json:"engine"`
	Run       folder.RunJSON      `json:"run"`
	Repeat    int                 `json:"repeat"`
	Due       *int                `json:"due"` // null when nobody has counted
	LeftOut   int                 `json:"left_out"`
	Summary   report.Summary      `json:"summary"`
	Arms      []report.ArmSummary `json:"arms"`
	Skipped   []report.Skip       `json:"skipped"`
	Scores    report.ScoreTotals  `json:"scores"`
	Voids     []folder.VoidJSON   `json:"voids"`
	Variants  *report.Variants    `json:"variants,omitempty"`
	Reproduce reproduceJSON       `json:"reproduce"`
}

// reproduceJSON is how to see it all again.
type reproduceJSON struct {
	Run    string      `json:"run"`
	Drills []againJSON `json:"drills"`
}

// againJSON is a drill that is not as it must be.
type againJSON struct {
	Key      string          `json:"key"` // of the drill in report.json
	Scenario string          `json:"scenario"`
	Arm      string          `json:"arm"`
	Verdict  promise.Verdict `json:"verdict"`
	Command  string          `json:"command"`
}

// Conformance states how the engine fared in a run against what the gate asks.
func Conformance(r report.Digest, g Gate) Statement {
	s := Statement{gate: g, report: r}
	_, sentences := render.Headline(r)
	s.doc = conformance{
		Schema: ConformanceSchema, Result: s.Result(), Headline: slices.Concat(s.describeShortfall(), sentences), Profile: g.Profile,
		Engine: report.EngineOf(r, g.Engine), Run: folder.RunOf(r), Repeat: max(1, g.Repeat), LeftOut: g.LeftOut, Summary: report.Summarize(r),
		Arms: r.Arms, Skipped: report.Skips(r), Scores: report.ScoresOf(r), Voids: folder.VoidsOf(r.Report), Variants: report.VariantsOf(r),
		Reproduce: reproduceJSON{Run: r.Run.Command, Drills: []againJSON{}},
	}
	if g.Due > 0 {
		s.doc.Due = &g.Due
	}
	for _, d := range r.Drills {
		if v := cmp.Or(d.Verdict, promise.Inconclusive); v == promise.Broken || v == promise.Inconclusive {
			s.doc.Reproduce.Drills = append(s.doc.Reproduce.Drills, againJSON{d.Key, d.Scenario, d.Arm, v, d.Command})
		}
	}
	return s
}

// Verdict is the report's, but a run that was cut short is inconclusive at best, and one
// that leaves a part of the profile out is partial: what was not drilled is not kept.
func (s Statement) Verdict() promise.Verdict {
	v := s.report.Verdict()
	if s.gate.LeftOut > 0 {
		v = promise.Worse(v, promise.Partial)
	}
	if s.isShort() {
		v = promise.Worse(v, promise.Inconclusive)
	}
	return v
}

// Result is the verdict in a gate's words.
func (s Statement) Result() Result {
	switch s.Verdict() {
	case promise.Kept:
		return Passed
	case promise.Partial:
		return Partial
	case promise.Broken:
		return Failed
	}
	return Inconclusive
}

func (s Statement) isShort() bool { return s.report.Held() < s.gate.Due }

// Shortfall says in sentences what was not drilled, "" if all was.
func (s Statement) Shortfall() string { return strings.Join(s.describeShortfall(), " ") }

// describeShortfall says what was not drilled, nothing if all was.
func (s Statement) describeShortfall() []string {
	var out []string
	if n := s.gate.LeftOut; n > 0 {
		out = append(out, fmt.Sprintf("%s of the profile %s left out, so this is no pass: drill the whole profile.",
			render.FormatCount(n, "drill"), render.Plural(n, "was", "were")))
	}
	if s.isShort() {
		out = append(out, fmt.Sprintf("The run was cut short: %s of the %s that %s took place.",
			render.FormatNumber(s.report.Held()), render.FormatCount(s.gate.Due, "drill"), render.Plural(s.gate.LeftOut+1, "the profile asks for", "were to be drilled")))
	}
	return out
}

// JSON writes conformance.json.
func (s Statement) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s.doc); err != nil {
		return fmt.Errorf("cannot write %s: %w", fileConformance, err)
	}
	return nil
}

// GateOf is what the run in a report folder was held to; nil if it was no gate's.
func GateOf(dir string) (*Gate, error) {
	name := filepath.Join(dir, fileConformance)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var doc conformance
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err == nil && doc.Schema != ConformanceSchema {
		err = fmt.Errorf("it is of the schema %q, and this version reads %q", doc.Schema, ConformanceSchema)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	g := Gate{
		Profile: doc.Profile, Engine: report.GateEngine{Name: doc.Engine.Name, Command: doc.Engine.Command, Image: doc.Engine.Image}, Repeat: doc.Repeat, LeftOut: doc.LeftOut,
	}
	if doc.Due != nil {
		g.Due = *doc.Due
	}
	return &g, nil
}
