package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

func sampleGate() Gate {
	return Gate{Profile: "core", Repeat: 3, Due: 18,
		Engine: GateEngine{Command: "/opt/warden/warden --watch", Image: "registry.example/warden:2.0.1"}}
}

func TestGoldenGate(t *testing.T) {
	r := gateSample()
	s := Conformance(DigestOf(r), sampleGate())
	for file, write := range map[string]func(*bytes.Buffer) error{
		"conformance.json": func(b *bytes.Buffer) error { return s.JSON(b) },
		"conformance.md":   func(b *bytes.Buffer) error { return s.Markdown(b) },
		"badge.svg":        func(b *bytes.Buffer) error { return s.Badge(b) },
		"annotations.txt":  func(b *bytes.Buffer) error { return Annotations(b, DigestOf(r)) },
	} {
		t.Run(file, func(t *testing.T) { golden(t, file, write) })
	}
}

// TestConformanceDocumented holds CONFORMANCE.md to what conformance.json contains.
// What both files have in common, SCHEMA.md describes.
func TestConformanceDocumented(t *testing.T) {
	var b bytes.Buffer
	if err := Conformance(DigestOf(gateSample()), sampleGate()).JSON(&b); err != nil {
		t.Fatal(err)
	}
	documented(t, b, ConformanceSchema, "CONFORMANCE.md", "SCHEMA.md")
}

func TestResult(t *testing.T) {
	drill := func(v promise.Verdict) Drill { return Drill{Verdict: v, Record: &evidence.Record{}} }
	k, p, i, b := drill(promise.Kept), drill(promise.Partial), drill(promise.Inconclusive), drill(promise.Broken)
	for _, c := range []struct {
		name   string
		drills []Drill
		due    int
		want   Result
		code   promise.Verdict
	}{
		{"all kept", []Drill{k, k}, 2, Passed, promise.Kept},
		{"nobody has counted", []Drill{k}, 0, Passed, promise.Kept},
		{"cut short", []Drill{k}, 2, Inconclusive, promise.Inconclusive},
		{"partial, and cut short", []Drill{p}, 2, Inconclusive, promise.Inconclusive},
		{"broken, and cut short", []Drill{b}, 2, Failed, promise.Broken},
		{"some skipped", []Drill{k, p}, 2, Partial, promise.Partial},
		{"one unsure", []Drill{p, i}, 2, Inconclusive, promise.Inconclusive},
		{"broken beats all", []Drill{k, p, i, b}, 4, Failed, promise.Broken},
		{"nothing drilled", nil, 0, Inconclusive, promise.Inconclusive},
	} {
		s := Conformance(DigestOf(Report{Drills: c.drills}), Gate{Due: c.due})
		if s.Result() != c.want || s.Verdict() != c.code || s.doc.Result != c.want {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, s.Result(), s.Verdict(), c.want, c.code)
		}
		if cut := strings.Contains(strings.Join(s.doc.Headline, " "), "cut short"); cut != (len(c.drills) < c.due) {
			t.Errorf("%s: the headline is wrong about what was drilled: %q", c.name, s.doc.Headline)
		}
	}
}

// TestLeftOut: a run that leaves a part of the profile out passes nothing, whatever it shows.
func TestLeftOut(t *testing.T) {
	kept := Drill{Verdict: promise.Kept, Record: &evidence.Record{}}
	s := Conformance(DigestOf(Report{Drills: []Drill{kept}}), Gate{Due: 1, LeftOut: 32})
	if s.Result() != Partial || s.Verdict() != promise.Partial {
		t.Errorf("it is %s (%s), want partial", s.Result(), s.Verdict())
	}
	var page, badge strings.Builder
	if err := errors.Join(s.Markdown(&page), s.Badge(&badge)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"conformance.md": page.String(), "badge.svg": badge.String(), "Shortfall": s.Shortfall()} {
		if strings.Contains(text, "passed") || (name != "badge.svg" && !strings.Contains(text, "32 drills of the profile were left out")) {
			t.Errorf("%s does not say what was not drilled, or says passed:\n%s", name, text)
		}
	}
	broken := Drill{Verdict: promise.Broken, Record: &evidence.Record{}}
	if s := Conformance(DigestOf(Report{Drills: []Drill{broken}}), Gate{Due: 1, LeftOut: 32}); s.Result() != Failed {
		t.Errorf("a broken one is %s", s.Result())
	}
}

// TestPair: a drill whose fault could not be injected is the engine's doing if the control
// arm of the same seed was injected.
func TestPair(t *testing.T) {
	drill := func(arm string, seed int64, mark string) Drill {
		return Drill{Scenario: "s", Arm: arm, Verdict: promise.Inconclusive, Record: &evidence.Record{
			Header: evidence.Header{Arm: arm, Seed: seed}, Marks: []evidence.Mark{{Name: mark, Note: "cannot start"}}, Cut: "cannot start",
		}}
	}
	drills := []Drill{
		drill(evidence.ArmControl, 1, evidence.MarkInjected), drill(evidence.ArmEngine, 1, evidence.MarkHindered),
		drill(evidence.ArmEngine, 2, evidence.MarkHindered), drill(evidence.ArmDecoy, 1, evidence.MarkHindered),
	}
	Pair(drills)
	for i, want := range []promise.Verdict{promise.Inconclusive, promise.Broken, promise.Inconclusive, promise.Inconclusive} {
		if drills[i].Verdict != want || len(drills[i].Rulings) != min(i, 1) {
			t.Errorf("drill %d is %s with %d rulings, want %s", i, drills[i].Verdict, len(drills[i].Rulings), want)
		}
	}
}

func TestIdentity(t *testing.T) {
	silent := healthySample()
	silent.Record.Claims = nil
	mute := controlSample()
	mute.Record.Claims = append(mute.Record.Claims, evidence.Claim{Type: "ready", Raw: json.RawMessage(`{"engine":"nobody"}`)})
	for _, c := range []struct {
		name   string
		drills []Drill
		gate   GateEngine
		want   engineJSON
	}{
		{"its own word", []Drill{turn(healthySample(), 0)}, GateEngine{Command: "x"},
			engineJSON{Name: "warden", Version: "2.0.1", Command: "x", Ready: true, Capabilities: []string{"detect", "alert"}}},
		{"the caller knows better", []Drill{turn(healthySample(), 0)}, GateEngine{Name: "Warden", Image: "i"},
			engineJSON{Name: "Warden", Version: "2.0.1", Image: "i", Ready: true, Capabilities: []string{"detect", "alert"}}},
		{"silent in the first drill", []Drill{silent, turn(healthySample(), 0)}, GateEngine{},
			engineJSON{Name: "warden", Version: "2.0.1", Ready: true, Capabilities: []string{"detect", "alert"}}},
		{"silent throughout", []Drill{silent, {}}, GateEngine{}, engineJSON{Name: "of the run", Capabilities: []string{}}},
		{"a control arm has no engine", []Drill{mute}, GateEngine{}, engineJSON{Name: "of the run", Capabilities: []string{}}},
	} {
		r := Report{Drills: c.drills}
		r.Run.Versions.Engine = "of the run"
		if got := engineOf(DigestOf(r), c.gate); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// TestScoresOfAGate: no run's figures hide behind a median, and what the engine
// drops counts in whichever arm it does so.
func TestScoresOfAGate(t *testing.T) {
	r := gateSample()
	healthy := &r.Drills[0]
	healthy.Losses = []promise.Loss{{Cause: promise.ByEngine, Request: evidence.Request{Lane: evidence.LaneShort}}}
	r.Drills[4].Detect, r.Drills[16].Detect = at(2), at(9)
	x := scoresOf(DigestOf(r))
	if x.DetectMS == nil || *x.DetectMS != (span3[float64]{1920, 2000, 9000}) || *x.DroppedByEngine != 5 || *x.Actions != (span3[int]{2, 4, 4}) {
		t.Errorf("%+v, detection %+v, actions %+v", x, x.DetectMS, x.Actions)
	}
	if x.LeastServing == nil || *x.LeastServing != 0 || x.Workers != 4 || len(x.Scenarios) != 3 {
		t.Errorf("%+v", x)
	}
	if none := scoresOf(DigestOf(Report{Drills: []Drill{{Scenario: "s", Arm: evidence.ArmEngine}}})); none.DetectMS != nil || none.LeastServing != nil || none.DroppedByEngine != nil || none.DroppedByFault != nil ||
		len(none.Scenarios) != 1 || none.Scenarios[0].Actions != nil || none.Scenarios[0].DroppedByEngine != nil {
		t.Errorf("of a drill without evidence comes %+v", none)
	}
}

// TestStatementTables holds every table of conformance.md to the width of its head,
// whatever text stands in it.
func TestStatementTables(t *testing.T) {
	g := sampleGate()
	g.Profile, g.Engine.Name, g.Engine.Command = evil+"|", evil+"\n| forged |", "a```b"
	r := evilSample()
	r.Drills[2].Rulings[2].Verdict, r.Drills[2].Rulings[2].Because = promise.Skipped, "a|b\n| c |"
	r.Drills[2].Verdict = promise.Broken
	var b bytes.Buffer
	if err := Conformance(DigestOf(r), g).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	inFence, columns := false, 0
	for _, line := range strings.Split(b.String(), "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inFence = !inFence
		case inFence:
		case strings.Contains(line, "<script") || strings.Contains(line, "<img"):
			t.Errorf("markup got through: %s", line)
		case !strings.HasPrefix(line, "|"):
			columns = 0
		default:
			n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			if columns == 0 {
				columns = n
			}
			if n != columns {
				t.Errorf("%d bars where the head has %d: %s", n, columns, line)
			}
		}
	}
	if inFence {
		t.Error("a command has opened or closed a fence")
	}
}

func TestWriteGate(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "run")
	r := gateSample()
	for range 2 { // beside nothing, and over what is there
		if err := WriteGate(dir, Conformance(DigestOf(r), sampleGate())); err != nil {
			t.Fatal(err)
		}
		checkFiles(t, dir, "report.html", "report.json", "junit.xml", "summary.md", "conformance.json", "conformance.md", "badge.svg",
			"evidence/stalled-worker-engine-3.jsonl", "evidence/void-stalled-worker-healthy.jsonl")
	}
	if _, err := Load(dir); err != nil {
		t.Errorf("the report of a gate is none: %v", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) != 1 {
		t.Errorf("left behind beside the report: %v, %v", left, err)
	}
	again, err := GateOf(dir)
	if err != nil || again == nil {
		t.Fatalf("the gate of the folder: %v, %v", again, err)
	}
	if got, want := Conformance(DigestOf(r), *again).doc, Conformance(DigestOf(r), sampleGate()).doc; !reflect.DeepEqual(got, want) {
		t.Errorf("judged again it states %+v, not %+v", got, want)
	}
	if none, err := GateOf(parent); none != nil || err != nil {
		t.Errorf("a folder without a gate has one: %v, %v", none, err)
	}
}

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestGateErrors(t *testing.T) {
	s := Conformance(DigestOf(keptSample()), sampleGate())
	for file, err := range map[string]error{"conformance.json": s.JSON(fullDisk{}), "conformance.md": s.Markdown(fullDisk{}),
		"badge.svg": s.Badge(fullDisk{}), "annotations": Annotations(fullDisk{}, DigestOf(brokenSample()))} {
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s on a full disk: %v", file, err)
		}
	}
}
