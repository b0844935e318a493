package engine

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func text(t *testing.T, name string) []byte {
	t.Helper()
	b, err := Schema(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSchemas: what a schema takes, the decoder takes, and the other way round.
func TestSchemas(t *testing.T) {
	decode := map[string]func([]byte) error{
		"line":    func(b []byte) error { _, err := DecodeLine(b); return err },
		"request": func(b []byte) error { _, err := DecodeRequest(b); return err },
		"alert":   func(b []byte) error { _, err := DecodeAlert(b); return err },
	}
	for _, c := range []struct {
		schema, text string
		good         bool
	}{
		{"line", `{"type":"ready"}`, true},
		{"line", `{"type":"ready","engine":"e","version":"1","capabilities":["detect","fly"],"more":{}}`, true},
		{"line", `{"type":"ready","capabilities":"detect"}`, false},
		{"line", `{"type":"hello"}`, false},
		{"line", `{}`, false},
		{"line", `[]`, false},
		{"line", `{"type":"detected","cause":"hot_worker","evidence":[{"source":"proc","text":"t"}],"ruled_out":[{"cause":"undetermined","fact":"f"}]}`, true},
		{"line", `{"type":"detected","cause":"bad luck"}`, false},
		{"line", `{"type":"detected"}`, false},
		{"line", `{"type":"action","action":"kill","phase":"begin","pid":7}`, true},
		{"line", `{"type":"action","action":"dance","phase":"done","id":0}`, true},
		{"line", `{"type":"action","action":"kill"}`, false},
		{"line", `{"type":"action","phase":"begin"}`, false},
		{"line", `{"type":"action","action":"kill","phase":"nearly"}`, false},
		{"line", `{"type":"action","action":"kill","phase":"begin","pid":-7}`, false},
		{"line", `{"type":"action","action":"kill","phase":"begin","id":1.5}`, false},
		{"line", `{"type":"verified","by":["probe"]}`, true},
		{"line", `{"type":"verified","by":"probe"}`, false},
		{"line", `{"type":"incident","incident":"opened"}`, true},
		{"line", `{"type":"incident","incident":"shelved"}`, false},
		{"line", `{"type":"withheld","action":"restart","why":"w","at":-1}`, false},
		{"request", `{"request":"roll","app":"a"}`, true},
		{"request", `{"request":"roll","rollback":["git","checkout","v1"]}`, true},
		{"request", `{"request":"roll","rollback":[""]}`, false},
		{"request", `{"request":"scale","workers":2}`, true},
		{"request", `{"request":"scale"}`, false},
		{"request", `{"request":"scale","workers":0}`, false},
		{"request", `{"request":"jump"}`, false},
		{"alert", `{"status":"firing","cause":"hot_worker","confidence":0.5,"first_seen":"2026-11-26T12:00:00Z"}`, true},
		{"alert", `{"status":"resolved","cause":"hot_worker","workers":[{"id":0,"uptime":1.5}]}`, true},
		{"alert", `{"status":"on fire","cause":"hot_worker"}`, false},
		{"alert", `{"status":"firing","cause":"bad luck"}`, false},
		{"alert", `{"status":"firing","cause":"hot_worker","confidence":2}`, false},
		{"alert", `{"status":"firing","cause":"hot_worker","first_seen":"yesterday"}`, false},
		{"alert", `{"cause":"hot_worker"}`, false},
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled(t, c.schema).Validate(v); (err == nil) != c.good {
			t.Errorf("the schema of a %s on %s: %v", c.schema, c.text, err)
		}
		if err := decode[c.schema]([]byte(c.text)); (err == nil) != c.good {
			t.Errorf("the decoder of a %s on %s: %v", c.schema, c.text, err)
		}
	}
	if _, err := Schema("poem"); err == nil {
		t.Error("there is a schema of a poem")
	}
}

// TestSchemasHaveEveryField holds the schemas to the Go types: a field or a cause
// that is in one is in the other.
func TestSchemasHaveEveryField(t *testing.T) {
	for name, v := range map[string]any{"line": Line{}, "request": Request{}, "alert": Alert{}} {
		var doc struct {
			Properties map[string]any `json:"properties"`
			Defs       struct {
				Cause struct {
					Enum []Cause `json:"enum"`
				} `json:"cause"`
			} `json:"$defs"`
		}
		if err := json.Unmarshal(text(t, name), &doc); err != nil {
			t.Fatal(err)
		}
		var fields []string
		for f := range reflect.TypeOf(v).Fields() {
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, tag)
		}
		slices.Sort(fields)
		if has := slices.Sorted(maps.Keys(doc.Properties)); !slices.Equal(has, fields) {
			t.Errorf("the schema of a %s has the fields %v, and the type %v", name, has, fields)
		}
		if name != "request" && !slices.Equal(doc.Defs.Cause.Enum, Causes()) {
			t.Errorf("the schema of a %s has the causes %v", name, doc.Defs.Cause.Enum)
		}
	}
}
