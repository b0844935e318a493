package sandbox_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/sandbox"
)

// TestSchemaTakesWhatPM2Takes holds the JSON Schema to the model of PM2's checks: no form
// that PM2 takes is refused, and of those that it refuses some are.
func TestSchemaTakesWhatPM2Takes(t *testing.T) {
	text, err := ecosystem.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	target := ecosystem.Target{CPUs: 4, Node: "26.10.0", PM2: "7.0.4", OS: environment}
	taken, refused := 0, 0
	for _, f := range append(forms(t), laidOut(t, everydayTxtar)...) {
		source, err := os.ReadFile(filepath.Join(f.Dir, f.File))
		if err != nil {
			t.Fatal(err)
		}
		target.Cwd = f.Dir
		got := sandbox.Evaluate(ecosystem.Request{Path: f.File, Dialect: ecosystem.DialectOf(f.File), Source: source, Target: target})
		config, rejected := ecosystem.ConfigOf(got.Value)
		if got.Failure != nil || got.Unsupported != "" || rejected != nil || config.Under == "" || !got.Value.Is(ecosystem.Object) || slices.ContainsFunc(config.Apps, func(app ecosystem.Value) bool { return !app.Is(ecosystem.Object) }) {
			continue // JSON has no word for it
		}
		_, rejected = ecosystem.Verify(config.Apps, target)
		wrong := schema.Validate(got.Value.Plain())
		switch {
		case rejected == nil:
			taken++
			if wrong != nil {
				t.Errorf("%s: PM2 takes it, and the schema does not: %v", f.Name, wrong)
			}
		case wrong != nil:
			refused++
		}
	}
	for _, app := range []string{`{"apps": [{"exec_mode": "clustr"}]}`, `{"apps": [{"wait_ready": "yes"}]}`, `{"apps": "web"}`,
		`{"apps": [{"max_memory_restart": "1.5GB"}]}`, `{"apps": [{"max_memory_restart": "1.5G"}]}`, `{"apps": [{"min_uptime": "10sec"}]}`, `{"apps": [{"kill_timeout": "5s"}]}`} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(app)))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("the schema takes %s", app)
		}
	}
	t.Logf("%d forms are taken by both, %d refused by both", taken, refused)
	if taken < 150 {
		t.Error("that is too few to prove anything")
	}
}
