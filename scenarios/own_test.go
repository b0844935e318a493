package scenarios

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/pm2drill/pm2drill/harness/drill"
	"github.com/pm2drill/pm2drill/harness/evidence"
)

const example = "../fixtures/node-apps/example-incident"

func TestOwn(t *testing.T) {
	s, err := Own(example)
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "example-incident" || s.App.Workers != 4 || s.App.Own.File != "ecosystem.config.js" || s.Load[0].Rate != 80 || s.Recover != 30*time.Second {
		t.Errorf("read %+v", s)
	}
	if got := s.Arms(); !slices.Equal(got, []string{evidence.ArmHealthy, evidence.ArmControl, evidence.ArmEngine}) {
		t.Errorf("its arms are %v", got)
	}
	if _, promises, breaks := s.Arm(evidence.ArmControl, drill.Engine{}); len(promises) != 1 || breaks[0] != "recovers" {
		t.Errorf("its control promises %v and breaks %v", promises, breaks)
	}
	again, err := OwnAs(s.Name, s.Definition)
	if err != nil || len(again.Promises) != len(s.Promises) {
		t.Errorf("from its definition: %v, %d promises, want %d", err, len(again.Promises), len(s.Promises))
	}
}

func TestOwnSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("own.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(example, OwnFile))
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("the example does not fit the schema: %v", err)
	}
	raw, err := os.ReadFile("own.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	sameKeys(t, "", reflect.TypeFor[ownFile](), tree)
}

// sameKeys holds the schema to the keys that are read.
func sameKeys(t *testing.T, at string, read reflect.Type, schema map[string]any) {
	t.Helper()
	properties, _ := schema["properties"].(map[string]any)
	if len(properties) != read.NumField() {
		t.Errorf("%s: the schema has %d keys, and %d are read", at, len(properties), read.NumField())
	}
	for i := range read.NumField() {
		f := read.Field(i)
		key := f.Tag.Get("yaml")
		inner, ok := properties[key].(map[string]any)
		if !ok {
			t.Errorf("the schema has no %s.%s", at, key)
			continue
		}
		typ := f.Type
		switch typ.Kind() {
		case reflect.Pointer:
			typ = typ.Elem()
		case reflect.Slice:
			typ = typ.Elem()
			inner, _ = inner["items"].(map[string]any)
		}
		if typ.Kind() == reflect.Struct {
			sameKeys(t, at+"."+key, typ, inner)
		}
	}
}

// TestOwnPromisesGoByTheirNames: what the file calls a promise is what reports call it.
func TestOwnPromisesGoByTheirNames(t *testing.T) {
	var o ownFile
	v := reflect.ValueOf(&o.Promises).Elem()
	var want []string
	for i := range v.NumField() {
		want = append(want, v.Type().Field(i).Tag.Get("yaml"))
		switch f := v.Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.String:
			f.SetString("x")
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		default:
			f.SetInt(1)
		}
	}
	var got []string
	for _, p := range o.Promises.list() {
		got = append(got, p.Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the promises are %v, want %v", got, want)
	}
}

func TestOwnErrors(t *testing.T) {
	good, err := os.ReadFile(filepath.Join(example, OwnFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"  workers: 4", "  wrokers: 4", "there is no key wrokers here"},
		{"  workers: 4", "  workers: four", "line 10:"},
		{"  workers: 4\n", "", "app.workers: say how many"},
		{"  port: 3000", "  port: 99999", "line 11: app.port:"},
		{"recover: 30s\n", "recover: soon\n", `"soon" is no time: write it like 20s`},
		{"    silent: true", "    silent: false", "line 17: fault.bitten: say how one sees"},
		{"breaks: recovers", "breaks: everything", "breaks: name one of the promises"},
		{"  run: node provoke.js", "  run: node provoke.js\n  after: 5s", "fault.undo: say what"},
		{"  keeps-serving: 3", "  keeps-serving: 0", "line 25: promises.keeps-serving: 0 asks for nothing"},
		{"  keeps-serving: 3", "  keeps-serving: 5", "line 25: promises.keeps-serving: there are 4 workers"},
		{"  keeps-serving: 3", "  acts-at-most: -1", "line 25: promises.acts-at-most: give 0 or more"},
		{"  keeps-serving: 3", "  mentions:", "line 25: promises.mentions: no value asks for nothing"},
		{"    silent: true", "    silent: true\n    exits: 0", "line 19: fault.bitten.exits: 0 asks for nothing"},
		{"stalled_event_loop", "stalled_event_lop", `line 26: promises.diagnoses: no engine may name the cause "stalled_event_lop": there are port_conflict.foreign`},
		{"breaks: recovers", "breaks: spares-requests", "line 20: breaks: spares-requests is always kept where no engine is"},
		{"  run: node provoke.js", "  ask: restart", "line 16: fault.ask: an engine can be asked to roll or to scale"},
		{"  run: node provoke.js", "  ask: scale", "line 15: fault.workers: say with ask: scale"},
		{"  port: 3000", "  port: 3000\n  health: up", "line 12: app.health: a path begins with /"},
		{"  port: 3000", "  port: 3000\n  limits: {memory: 64M}", "line 12: app.limits.memory: PM2 alone needs more"},
		{"  port: 3000", "  port: 3000\n  limits: {memory: much}", `"much" is no size`},
		{"  rate: 80", "  rate: 80\n  checks: [{name: cart, path: /cart, method: post}]", "line 15: load.checks.0: method \"post\": give one such as POST"},
		{"  rate: 80", "  rate: 80\n  checks: [{name: short, path: /cart}]", "line 15: load.checks.0.name: short is the name of another lane"},
		{"recover: 30s", "recover: 30s\ndecoy:\n  story: s\n  fault: {run: true, bitten: {exits: 1}}\n  promises: {diagnoses: nothing}", `line 23: decoy.promises.diagnoses: no engine may name the cause "nothing"`},
		{"recover: 30s", "recover: 30s\ndecoy:\n  story: s\n  config: other.js\n  fault: {run: true, bitten: {exits: 1}}\n  promises: {acts-at-most: 0}", "line 22: decoy.config: there is no other.js"},
		{"app:\n", "app: [\n", "line "},
	} {
		text := strings.Replace(string(good), c.old, c.new, 1)
		if text == string(good) {
			t.Fatalf("%q does not stand in the example", c.old)
		}
		dir := t.TempDir()
		for name, content := range map[string]string{OwnFile: text, "ecosystem.config.js": ""} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Own(dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), OwnFile) || strings.Contains(err.Error(), "scenarios.own") {
			t.Errorf("%q: %v, want %q", c.new, err, c.want)
		}
	}
	if _, err := Own(t.TempDir()); err == nil || !strings.Contains(err.Error(), "has no scenario.yaml") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Own("./nowhere"); err == nil || !strings.Contains(err.Error(), "there is no folder ./nowhere") {
		t.Errorf("no folder: %v", err)
	}
}
