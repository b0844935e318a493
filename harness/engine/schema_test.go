package engine

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaOf compiles a schema, which holds it to its own draft's schema.
func schemaOf(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name, parsed(t, name)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// parsed reads a schema's own JSON.
func parsed(t *testing.T, name string) any {
	t.Helper()
	text, err := Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// conform is what the schema has against a text, nil if nothing.
func conform(s *jsonschema.Schema, text []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// TestSchemasJudgeAsTheCodec leaves out what no schema can say: the length of a
// text, names in another case, and 1.0 for 1.
func TestSchemasJudgeAsTheCodec(t *testing.T) {
	decoders := map[string]func([]byte) error{
		"line":    func(b []byte) error { _, err := DecodeLine(b); return err },
		"request": func(b []byte) error { _, err := DecodeRequest(b); return err },
		"alert":   func(b []byte) error { _, err := DecodeAlert(b); return err },
	}
	tests := []struct {
		schema, in string
		ok         bool
	}{
		{"line", `{"type":"ready"}`, true},
		{"line", `{"type":"ready","engine":"x","version":"1","capabilities":["detect","fly"]}`, true},
		{"line", `{"type":"ready","capabilities":"detect"}`, false},
		{"line", `{"type":"ready","capabilities":[1]}`, false},
		{"line", `{"type":"ready","version":1}`, false},
		{"line", `{"type":"ready","engine":null,"capabilities":null,"id":null,"at":null}`, true},
		{"line", `{"type":"detected","cause":"stalled_event_loop"}`, true},
		{"line", `{"type":"detected","cause":"gremlins"}`, false},
		{"line", `{"type":"detected","cause":null}`, false},
		{"line", `{"type":"detected"}`, false},
		{"line", `{"type":"detected","cause":"undetermined","evidence":[{"source":"proc","text":"x","more":1},null]}`, true},
		{"line", `{"type":"detected","cause":"undetermined","evidence":["x"]}`, false},
		{"line", `{"type":"detected","cause":"undetermined","evidence":[{"source":1}]}`, false},
		{"line", `{"type":"detected","cause":"undetermined","ruled_out":[{"cause":"gremlins","fact":"none were seen"}]}`, true},
		{"line", `{"type":"detected","cause":"undetermined","ruled_out":{"cause":"x"}}`, false},
		{"line", `{"type":"verified","by":["probe"],"cause":"gremlins"}`, true},
		{"line", `{"type":"verified","by":"probe"}`, false},
		{"line", `{"type":"action","action":"kill","phase":"begin","id":0,"pid":7,"why":"x"}`, true},
		{"line", `{"type":"action","action":"pray","phase":"failed","error":"unheard"}`, true},
		{"line", `{"type":"action","action":"kill","phase":"begin","id":"0"}`, false},
		{"line", `{"type":"action","action":"kill","phase":"begin","pid":7.5}`, false},
		{"line", `{"type":"action","action":"kill","phase":"begin","pid":9223372036854775807}`, true},
		{"line", `{"type":"action","action":"kill","phase":"begin","pid":9223372036854775808}`, false},
		{"line", `{"type":"action","action":"kill"}`, false},
		{"line", `{"type":"action","action":"kill","phase":"halfway"}`, false},
		{"line", `{"type":"action","phase":"begin"}`, false},
		{"line", `{"type":"action","action":"","phase":"begin"}`, false},
		{"line", `{"type":"action","action":null,"phase":"begin"}`, false},
		{"line", `{"type":"incident","incident":"opened"}`, true},
		{"line", `{"type":"incident","incident":"half"}`, false},
		{"line", `{"type":"incident"}`, false},
		{"line", `{"type":"withheld","action":"kill","why":"x","mood":{"of":"mine"}}`, true},
		{"line", `{"type":"withheld","pid":-1}`, false},
		{"line", `{"type":"withheld","id":-1}`, false},
		{"line", `{"type":"withheld","at":-1}`, false},
		{"line", `{"type":"symptom","symptom":"no_service","evidence":[{"source":"probe","text":"x"}]}`, true},
		{"line", `{"type":"symptom","symptom":"gremlins"}`, false},
		{"line", `{"type":"symptom"}`, false},
		{"line", `{"type":"incident","incident":"opened","symptom":"no_service","cause":"undetermined"}`, true},
		{"line", `{"type":"gossip"}`, false},
		{"line", `{"type":null}`, false},
		{"line", `{"type":["ready"]}`, false},
		{"line", `{}`, false},
		{"line", `[]`, false},
		{"line", `"ready"`, false},
		{"line", `null`, false},

		{"request", `{"request":"roll","app":"app"}`, true},
		{"request", `{"request":"roll","rollback":["git","checkout",""],"workers":-1}`, true},
		{"request", `{"request":"roll","rollback":null,"app":null}`, true},
		{"request", `{"request":"roll","rollback":[]}`, true},
		{"request", `{"request":"roll","rollback":[""]}`, false},
		{"request", `{"request":"roll","rollback":[null]}`, false},
		{"request", `{"request":"roll","rollback":"git checkout"}`, false},
		{"request", `{"request":"roll","app":1}`, false},
		{"request", `{"request":"scale","app":"app","workers":1}`, true},
		{"request", `{"request":"scale","workers":0}`, false},
		{"request", `{"request":"scale","workers":null}`, false},
		{"request", `{"request":"scale","workers":"2"}`, false},
		{"request", `{"request":"scale","workers":9223372036854775808}`, false},
		{"request", `{"request":"scale"}`, false},
		{"request", `{"request":"dance"}`, false},
		{"request", `{"app":"app"}`, false},
		{"request", `[]`, false},

		{"alert", `{"status":"firing","cause":"daemon_dead"}`, true},
		{"alert", `{"status":"resolved","cause":"daemon_dead","confidence":1,"mood":"good"}`, true},
		{"alert", `{"status":"firing","cause":"daemon_dead","evidence":null,"workers":null,"daemon":null,"first_seen":null,"confidence":null}`, true},
		{"alert", `{"status":"firing"}`, false},
		{"alert", `{"status":"firing","cause":null}`, false},
		{"alert", `{"status":"firing","cause":"gremlins"}`, false},
		{"alert", `{"cause":"daemon_dead"}`, false},
		{"alert", `{"status":"smouldering","cause":"daemon_dead"}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","confidence":1.01}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","confidence":-0.01}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","confidence":"high"}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","first_seen":"2026-11-26T13:11:00.25+01:00"}`, true},
		{"alert", `{"status":"firing","cause":"daemon_dead","last_seen":"2026-11-26 13:11:00Z"}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","last_seen":"2026-13-26T13:11:00Z"}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","last_seen":""}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","last_seen":1764162660}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","workers":[{"id":0,"pid":7,"uptime":1.5,"before":{"restarts":1},"connections":3}]}`, true},
		{"alert", `{"status":"firing","cause":"daemon_dead","workers":[{"id":"0"}]}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","workers":[{"rss":1.5}]}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","workers":[{"before":{"restarts":"1"}}]}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","workers":{"0":{}}}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","actions":[{"at":"2026-11-26T13:11:00Z","id":-1,"result":"done"}]}`, true},
		{"alert", `{"status":"firing","cause":"daemon_dead","actions":[{"at":"now"}]}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","timeline":[{"at":"2026-11-26T13:11:00Z","by":"pm2","text":"x"}]}`, true},
		{"alert", `{"status":"firing","cause":"daemon_dead","timeline":["it died"]}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","drift":[{"key":"kill_timeout","was":1600,"now":8000}]}`, true},
		{"alert", `{"status":"firing","cause":"daemon_dead","drift":[{"was":"1600ms"}]}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","daemon":{"pid":1,"version":"7.0.4"}}`, true},
		{"alert", `{"status":"firing","cause":"daemon_dead","daemon":1}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","logs":["x"],"suppressed":2}`, true},
		{"alert", `{"status":"firing","cause":"daemon_dead","logs":"x"}`, false},
		{"alert", `{"status":"firing","cause":"daemon_dead","human":["x"]}`, false},
		{"alert", `{"status":"firing","cause":"undetermined","symptom":"no_service"}`, true},
		{"alert", `{"status":"firing","cause":"undetermined","symptom":""}`, true},
		{"alert", `{"status":"firing","cause":"undetermined","symptom":"gremlins"}`, false},
		{"alert", `[]`, false},
	}
	compiled := map[string]*jsonschema.Schema{}
	for _, name := range Schemas() {
		compiled[name] = schemaOf(t, name)
	}
	for _, tt := range tests {
		if err := conform(compiled[tt.schema], []byte(tt.in)); (err == nil) != tt.ok {
			t.Errorf("the schema of %s judges %s otherwise: %v", tt.schema, tt.in, err)
		}
		if err := decoders[tt.schema]([]byte(tt.in)); (err == nil) != tt.ok {
			t.Errorf("the codec judges %s %s otherwise: %v", tt.schema, tt.in, err)
		}
	}
}

// TestSchemasTakeWhatTheCodecWrites: also where Go writes null for an empty list.
func TestSchemasTakeWhatTheCodecWrites(t *testing.T) {
	id := 0
	for name, v := range map[string]any{
		"line":    Line{Type: TypeAction, At: time.Second, Action: ActionKill, Phase: PhaseDone, ID: &id, Evidence: []Fact{{}}},
		"request": Request{Request: RequestScale, Workers: 2},
		"alert":   Alert{Status: StatusFiring, Cause: Undetermined, FirstSeen: time.Now(), Workers: []Worker{{Before: &Counters{}}}},
	} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := conform(schemaOf(t, name), text); err != nil {
			t.Errorf("the schema of %s refuses %s: %v", name, text, err)
		}
	}
}

// TestSchemasListWhatTheContractLists holds every list of words to contract.go.
func TestSchemasListWhatTheContractLists(t *testing.T) {
	source, err := os.ReadFile("contract.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string][]string{}
	for _, c := range Causes() {
		declared["Cause"] = append(declared["Cause"], string(c))
	}
	for _, s := range Symptoms() {
		declared["Symptom"] = append(declared["Symptom"], string(s))
	}
	for _, m := range regexp.MustCompile(`(?m)^\t(Type|Phase|Incident|Status|Action|Can|Request|Key)[A-Z]\w*\s+= "(\w+)"`).FindAllSubmatch(source, -1) {
		declared[string(m[1])] = append(declared[string(m[1])], string(m[2]))
	}
	for _, tt := range []struct{ schema, at, declared string }{
		{"line", "/$defs/cause/enum", "Cause"},
		{"line", "/properties/type/enum", "Type"},
		{"line", "/allOf/2/then/properties/phase/enum", "Phase"},
		{"line", "/allOf/3/then/properties/incident/enum", "Incident"},
		{"line", "/properties/action/examples", "Action"},
		{"line", "/properties/capabilities/items/examples", "Can"},
		{"request", "/properties/request/enum", "Request"},
		{"line", "/$defs/symptom/enum", "Symptom"},
		{"alert", "/$defs/cause/enum", "Cause"},
		{"alert", "/$defs/symptom/enum", "Symptom"},
		{"alert", "/properties/status/enum", "Status"},
		{"alert", "/$defs/drift/properties/key/examples", "Key"},
	} {
		var listed []string
		for _, v := range node(t, parsed(t, tt.schema), tt.at).([]any) {
			listed = append(listed, v.(string))
		}
		if !slices.Equal(listed, declared[tt.declared]) {
			t.Errorf("%s.schema.json lists %v at %s, contract.go %v", tt.schema, listed, tt.at, declared[tt.declared])
		}
	}
}

// node finds a part of a schema by its JSON pointer.
func node(t *testing.T, doc any, pointer string) any {
	t.Helper()
	for key := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if list, ok := doc.([]any); ok {
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(list) {
				t.Fatalf("there is no %s in the schema", pointer)
			}
			doc = list[i]
			continue
		}
		if doc = doc.(map[string]any)[key]; doc == nil {
			t.Fatalf("there is no %s in the schema", pointer)
		}
	}
	return doc
}

// TestSchemasHaveEveryField holds the schemas' properties to the fields of the Go
// types, and the other way round.
func TestSchemasHaveEveryField(t *testing.T) {
	for name, v := range map[string]any{"line": Line{}, "request": Request{}, "alert": Alert{}} {
		doc := parsed(t, name)
		sameFields(t, doc, doc.(map[string]any), reflect.TypeOf(v))
	}
}

// sameFields compares a struct with the part of the schema that is about it.
func sameFields(t *testing.T, doc any, about map[string]any, of reflect.Type) {
	t.Helper()
	properties, _ := about["properties"].(map[string]any)
	var names []string
	for _, f := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
		property, ok := properties[name].(map[string]any)
		if !ok {
			continue // told below
		}
		typ := f.Type
		if typ.Kind() == reflect.Slice {
			typ = typ.Elem()
			property = property["items"].(map[string]any)
		}
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if ref, ok := property["$ref"].(string); ok {
			property = node(t, doc, strings.TrimPrefix(ref, "#")).(map[string]any)
		}
		if typ.Kind() == reflect.Struct && typ != reflect.TypeFor[time.Time]() {
			sameFields(t, doc, property, typ)
		}
	}
	slices.Sort(names)
	if have := slices.Sorted(maps.Keys(properties)); !slices.Equal(have, names) {
		t.Errorf("the schema of %s has %v, the Go type %v", of, have, names)
	}
}

func TestSchemaOfNothing(t *testing.T) {
	if _, err := Schema("gossip"); err == nil || !strings.Contains(err.Error(), `"gossip"`) {
		t.Fatalf("got %v, want an error that names the schema", err)
	}
}
