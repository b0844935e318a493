package report

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
)

// ConformanceSchema names the shape of conformance.json, by the rules of Schema.
// CONFORMANCE.md describes it.
const ConformanceSchema = "pm2drill/conformance/1"

// Gate is what a run holds an engine to.
type Gate struct {
	Profile string // the set of scenarios, e.g. "core"
	Engine  GateEngine
	Repeat  int // how many times each arm was to be drilled, 0 for once
	Due     int // drills that were to take place, repetitions and all; 0 if nobody has counted them
	LeftOut int // drills that the profile asks for besides, and that were left out on purpose
}

// GateEngine says which engine it is, as far as whoever calls knows. An empty name
// is filled in with the engine's own word.
type GateEngine struct {
	Name    string
	Command string // starts it inside the cluster's container
	Image   string // the container image that it came in, "" for none
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
	report Digest
	doc    conformance
}

// conformance is conformance.json.
type conformance struct {
	Schema    string        `json:"schema"`
	Result    Result        `json:"result"`
	Headline  []string      `json:"headline"`
	Profile   string        `json:"profile"`
	Engine    engineJSON    `json:"engine"`
	Run       runJSON       `json:"run"`
	Repeat    int           `json:"repeat"`
	Due       *int          `json:"due"` // null when nobody has counted
	LeftOut   int           `json:"left_out"`
	Summary   summaryJSON   `json:"summary"`
	Arms      []armSum      `json:"arms"`
	Skipped   []skip        `json:"skipped"`
	Scores    scoresJSON    `json:"scores"`
	Voids     []voidJSON    `json:"voids"`
	Variants  *variantsJSON `json:"variants,omitempty"`
	Reproduce reproduceJSON `json:"reproduce"`
}

// engineJSON is who was drilled.
type engineJSON struct {
	Name         string   `json:"name"`
	Version      string   `json:"version,omitempty"`
	Command      string   `json:"command,omitempty"`
	Image        string   `json:"image,omitempty"`
	Ready        bool     `json:"ready"` // whether it has printed a ready line in any drill
	Capabilities []string `json:"capabilities"`
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
func Conformance(r Digest, g Gate) Statement {
	s := Statement{gate: g, report: r}
	_, sentences := headline(r)
	s.doc = conformance{
		Schema: ConformanceSchema, Result: s.Result(), Headline: slices.Concat(s.shortfall(), sentences), Profile: g.Profile,
		Engine: engineOf(r, g.Engine), Run: runOf(r), Repeat: max(1, g.Repeat), LeftOut: g.LeftOut, Summary: summaryOf(r),
		Arms: r.arms, Skipped: skips(r), Scores: scoresOf(r), Voids: voidsOf(r.Report), Variants: variantsOf(r),
		Reproduce: reproduceJSON{Run: r.Run.Command, Drills: []againJSON{}},
	}
	if g.Due > 0 {
		s.doc.Due = &g.Due
	}
	for _, d := range r.Drills {
		if v := cmp.Or(d.Verdict, promise.Inconclusive); v == promise.Broken || v == promise.Inconclusive {
			s.doc.Reproduce.Drills = append(s.doc.Reproduce.Drills, againJSON{d.key, d.Scenario, d.Arm, v, d.Command})
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
	if s.short() {
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

func (s Statement) short() bool { return s.report.held() < s.gate.Due }

// Shortfall says in sentences what was not drilled, "" if all was.
func (s Statement) Shortfall() string { return strings.Join(s.shortfall(), " ") }

// shortfall says what was not drilled, nothing if all was.
func (s Statement) shortfall() []string {
	var out []string
	if n := s.gate.LeftOut; n > 0 {
		out = append(out, fmt.Sprintf("%s of the profile %s left out, so this is no pass: drill the whole profile.",
			count(n, "drill"), pick(n, "was", "were")))
	}
	if s.short() {
		out = append(out, fmt.Sprintf("The run was cut short: %s of the %s that %s took place.",
			number(s.report.held()), count(s.gate.Due, "drill"), pick(s.gate.LeftOut+1, "the profile asks for", "were to be drilled")))
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
		Profile: doc.Profile, Engine: GateEngine{doc.Engine.Name, doc.Engine.Command, doc.Engine.Image}, Repeat: doc.Repeat, LeftOut: doc.LeftOut,
	}
	if doc.Due != nil {
		g.Due = *doc.Due
	}
	return &g, nil
}

// engineOf identifies the engine: what the caller knows of it, and what its ready
// line says in the first drill that has one.
func engineOf(r Digest, g GateEngine) engineJSON {
	out := engineJSON{Name: g.Name, Command: g.Command, Image: g.Image, Capabilities: []string{}}
	for _, d := range r.Drills {
		if d.Record == nil || d.Record.Unaided() {
			continue
		}
		for _, c := range d.Record.Claims {
			if c.Type == "ready" {
				line := readClaim(c.Raw)
				out.Name, out.Version, out.Ready = cmp.Or(out.Name, line.Engine, r.Run.Versions.Engine), line.Version, true
				out.Capabilities = append(out.Capabilities, d.Record.Capabilities()...)
				return out
			}
		}
	}
	out.Name = cmp.Or(out.Name, r.Run.Versions.Engine)
	return out
}
