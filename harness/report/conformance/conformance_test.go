package conformance

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

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

func sampleGate() Gate {
	return Gate{Profile: "core", Repeat: 3, Due: 18,
		Engine: report.GateEngine{Command: "/opt/warden/warden --watch", Image: "registry.example/warden:2.0.1"}}
}

func TestGoldenGate(t *testing.T) {
	r := reporttest.GateSample()
	s := Conformance(report.DigestOf(r), sampleGate())
	for file, write := range map[string]func(*bytes.Buffer) error{
		"conformance.json": func(b *bytes.Buffer) error { return s.JSON(b) },
		"conformance.md":   func(b *bytes.Buffer) error { return s.Markdown(b) },
		"badge.svg":        func(b *bytes.Buffer) error { return s.Badge(b) },
		"annotations.txt":  func(b *bytes.Buffer) error { return Annotations(b, report.DigestOf(r)) },
	} {
		t.Run(file, func(t *testing.T) { reporttest.Golden(t, file, write) })
	}
}

// TestConformanceDocumented holds CONFORMANCE.md to what conformance.json contains.
// What both files have in common, SCHEMA.md describes.
func TestConformanceDocumented(t *testing.T) {
	var b bytes.Buffer
	if err := Conformance(report.DigestOf(reporttest.GateSample()), sampleGate()).JSON(&b); err != nil {
		t.Fatal(err)
	}
	reporttest.Documented(t, b, ConformanceSchema, "CONFORMANCE.md", "SCHEMA.md")
}

func TestResult(t *testing.T) {
	drill := func(v promise.Verdict) report.Drill { return report.Drill{Verdict: v, Record: &evidence.Record{}} }
	k, p, i, b := drill(promise.Kept), drill(promise.Partial), drill(promise.Inconclusive), drill(promise.Broken)
	for _, c := range []struct {
		name   string
		drills []report.Drill
		due    int
		want   Result
		code   promise.Verdict
	}{
		{"all kept", []report.Drill{k, k}, 2, Passed, promise.Kept},
		{"nobody has counted", []report.Drill{k}, 0, Passed, promise.Kept},
		{"cut short", []report.Drill{k}, 2, Inconclusive, promise.Inconclusive},
		{"partial, and cut short", []report.Drill{p}, 2, Inconclusive, promise.Inconclusive},
		{"broken, and cut short", []report.Drill{b}, 2, Failed, promise.Broken},
		{"some skipped", []report.Drill{k, p}, 2, Partial, promise.Partial},
		{"one unsure", []report.Drill{p, i}, 2, Inconclusive, promise.Inconclusive},
		{"broken beats all", []report.Drill{k, p, i, b}, 4, Failed, promise.Broken},
		{"nothing drilled", nil, 0, Inconclusive, promise.Inconclusive},
	} {
		s := Conformance(report.DigestOf(report.Report{Drills: c.drills}), Gate{Due: c.due})
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
	kept := report.Drill{Verdict: promise.Kept, Record: &evidence.Record{}}
	s := Conformance(report.DigestOf(report.Report{Drills: []report.Drill{kept}}), Gate{Due: 1, LeftOut: 32})
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
	broken := report.Drill{Verdict: promise.Broken, Record: &evidence.Record{}}
	if s := Conformance(report.DigestOf(report.Report{Drills: []report.Drill{broken}}), Gate{Due: 1, LeftOut: 32}); s.Result() != Failed {
		t.Errorf("a broken one is %s", s.Result())
	}
}

// TestPair: a drill whose fault could not be injected is the engine's doing if the control
// arm of the same seed was injected.
func TestPair(t *testing.T) {
	drill := func(arm string, seed int64, mark string) report.Drill {
		return report.Drill{Scenario: "s", Arm: arm, Verdict: promise.Inconclusive, Record: &evidence.Record{
			Header: evidence.Header{Arm: arm, Seed: seed}, Marks: []evidence.Mark{{Name: mark, Note: "cannot start"}}, Cut: "cannot start",
		}}
	}
	drills := []report.Drill{
		drill(evidence.ArmControl, 1, evidence.MarkInjected), drill(evidence.ArmEngine, 1, evidence.MarkHindered),
		drill(evidence.ArmEngine, 2, evidence.MarkHindered), drill(evidence.ArmDecoy, 1, evidence.MarkHindered),
	}
	report.Pair(drills)
	for i, want := range []promise.Verdict{promise.Inconclusive, promise.Broken, promise.Inconclusive, promise.Inconclusive} {
		if drills[i].Verdict != want || len(drills[i].Rulings) != min(i, 1) {
			t.Errorf("drill %d is %s with %d rulings, want %s", i, drills[i].Verdict, len(drills[i].Rulings), want)
		}
	}
}

func TestIdentity(t *testing.T) {
	silent := reporttest.HealthySample()
	silent.Record.Claims = nil
	mute := reporttest.ControlSample()
	mute.Record.Claims = append(mute.Record.Claims, evidence.Claim{Type: "ready", Raw: json.RawMessage(`{"engine":"nobody"}`)})
	for _, c := range []struct {
		name   string
		drills []report.Drill
		gate   report.GateEngine
		want   report.Engine
	}{
		{"its own word", []report.Drill{reporttest.Turn(reporttest.HealthySample(), 0)}, report.GateEngine{Command: "x"},
			report.Engine{Name: "warden", Version: "2.0.1", Command: "x", Ready: true, Capabilities: []string{"detect", "alert"}}},
		{"the caller knows better", []report.Drill{reporttest.Turn(reporttest.HealthySample(), 0)}, report.GateEngine{Name: "Warden", Image: "i"},
			report.Engine{Name: "Warden", Version: "2.0.1", Image: "i", Ready: true, Capabilities: []string{"detect", "alert"}}},
		{"silent in the first drill", []report.Drill{silent, reporttest.Turn(reporttest.HealthySample(), 0)}, report.GateEngine{},
			report.Engine{Name: "warden", Version: "2.0.1", Ready: true, Capabilities: []string{"detect", "alert"}}},
		{"silent throughout", []report.Drill{silent, {}}, report.GateEngine{}, report.Engine{Name: "of the run", Capabilities: []string{}}},
		{"a control arm has no engine", []report.Drill{mute}, report.GateEngine{}, report.Engine{Name: "of the run", Capabilities: []string{}}},
	} {
		r := report.Report{Drills: c.drills}
		r.Run.Versions.Engine = "of the run"
		if got := report.EngineOf(report.DigestOf(r), c.gate); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// TestScoresOfAGate: no run's figures hide behind a median, and what the engine
// drops counts in whichever arm it does so.
func TestScoresOfAGate(t *testing.T) {
	r := reporttest.GateSample()
	healthy := &r.Drills[0]
	healthy.Losses = []promise.Loss{{Cause: promise.ByEngine, Request: evidence.Request{Lane: evidence.LaneShort}}}
	r.Drills[4].Detect, r.Drills[16].Detect = reporttest.At(2), reporttest.At(9)
	x := report.ScoresOf(report.DigestOf(r))
	if x.DetectMS == nil || *x.DetectMS != (report.Spread[float64]{Least: 1920, Median: 2000, Most: 9000}) || *x.DroppedByEngine != 5 || *x.Actions != (report.Spread[int]{Least: 2, Median: 4, Most: 4}) {
		t.Errorf("%+v, detection %+v, actions %+v", x, x.DetectMS, x.Actions)
	}
	if x.LeastServing == nil || *x.LeastServing != 0 || x.Workers != 4 || len(x.Scenarios) != 3 {
		t.Errorf("%+v", x)
	}
	if none := report.ScoresOf(report.DigestOf(report.Report{Drills: []report.Drill{{Scenario: "s", Arm: evidence.ArmEngine}}})); none.DetectMS != nil || none.LeastServing != nil || none.DroppedByEngine != nil || none.DroppedByFault != nil ||
		len(none.Scenarios) != 1 || none.Scenarios[0].Actions != nil || none.Scenarios[0].DroppedByEngine != nil {
		t.Errorf("of a drill without evidence comes %+v", none)
	}
}

// TestStatementTables holds every table of conformance.md to the width of its head,
// whatever text stands in it.
func TestStatementTables(t *testing.T) {
	g := sampleGate()
	g.Profile, g.Engine.Name, g.Engine.Command = reporttest.Evil+"|", reporttest.Evil+"\n| forged |", "a```b"
	r := reporttest.EvilSample()
	r.Drills[2].Rulings[2].Verdict, r.Drills[2].Rulings[2].Because = promise.Skipped, "a|b\n| c |"
	r.Drills[2].Verdict = promise.Broken
	var b bytes.Buffer
	if err := Conformance(report.DigestOf(r), g).Markdown(&b); err != nil {
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
	r := reporttest.GateSample()
	for range 2 { // beside nothing, and over what is there
		if err := WriteGate(dir, Conformance(report.DigestOf(r), sampleGate())); err != nil {
			t.Fatal(err)
		}
		reporttest.CheckFiles(t, dir, "report.html", "report.json", "junit.xml", "summary.md", "conformance.json", "conformance.md", "badge.svg",
			"evidence/stalled-worker-engine-3.jsonl.gz", "evidence/void-stalled-worker-healthy.jsonl.gz")
	}
	if _, err := folder.Load(dir); err != nil {
		t.Errorf("the report of a gate is none: %v", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) != 1 {
		t.Errorf("left behind beside the report: %v, %v", left, err)
	}
	again, err := GateOf(dir)
	if err != nil || again == nil {
		t.Fatalf("the gate of the folder: %v, %v", again, err)
	}
	if got, want := Conformance(report.DigestOf(r), *again).doc, Conformance(report.DigestOf(r), sampleGate()).doc; !reflect.DeepEqual(got, want) {
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
	s := Conformance(report.DigestOf(reporttest.KeptSample()), sampleGate())
	for file, err := range map[string]error{"conformance.json": s.JSON(fullDisk{}), "conformance.md": s.Markdown(fullDisk{}),
		"badge.svg": s.Badge(fullDisk{}), "annotations": Annotations(fullDisk{}, report.DigestOf(reporttest.BrokenSample()))} {
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s on a full disk: %v", file, err)
		}
	}
}
