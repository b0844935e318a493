package reporttest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// GoldenSample has every kind of ruling and few losses.
func GoldenSample() report.Report {
	control, spared := StalledSample(), StalledSample()
	control.Arm, control.Verdict, control.Rulings[1].Expected = evidence.ArmControl, promise.Kept, promise.Broken
	spared.Scenario, spared.Arm, spared.Rulings[0].Expected = "port-held-by-a-stranger", evidence.ArmControl, promise.Broken
	none := report.Drill{Scenario: "port-held-by-a-stranger", Arm: evidence.ArmEngine, Story: "A process that PM2 does not own holds the port.",
		Verdict: promise.Inconclusive, Command: "pm2drill run port-held-by-a-stranger --arm engine --seed 42"}
	return report.Report{Run: SampleRun(), Dir: "reports/20261101-143210-7f3a", Drills: []report.Drill{
		HealthySample(), UnsureSample(), control, StalledSample(), spared, none, StalledSample(),
	}}
}

// Golden holds what is written to the golden file of that name.
func Golden(t *testing.T, file string, write func(*bytes.Buffer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "golden", file)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is not what it was: %s\nlook at it, then run go test -update", file, findDifference(got.String(), string(want)))
	}
}

func findDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "\n got: " + g[i] + "\nwant: " + w[i]
		}
	}
	return "one of them is longer"
}

// Documented holds documents to what a file of a schema contains.
func Documented(t *testing.T, b bytes.Buffer, schema string, files ...string) {
	t.Helper()
	var doc string
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		doc += string(text)
	}
	var v any
	if err := json.Unmarshal(b.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	for key := range KeysOf(v, map[string]bool{}) {
		if !strings.Contains(doc, "`"+key+"`") {
			t.Errorf("%v do not describe %q", files, key)
		}
	}
	if !strings.Contains(doc, schema) {
		t.Errorf("%v do not name %q", files, schema)
	}
}

// KeysOf collects the keys of a decoded JSON document.
func KeysOf(v any, into map[string]bool) map[string]bool {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			into[k] = true
			if k != "counts" && k != "dropped_by_engine" { // their keys are classes and lanes, which evidence documents
				KeysOf(x, into)
			}
		}
	case []any:
		for _, x := range v {
			KeysOf(x, into)
		}
	}
	return into
}
