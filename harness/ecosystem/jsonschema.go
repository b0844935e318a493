package ecosystem

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Schema is a JSON Schema of ecosystem files for editors. It accepts what PM2 accepts,
// under every name that PM2 knows, and describes each key.
func Schema() ([]byte, error) {
	app := map[string]any{}
	for _, s := range Settings() {
		for _, name := range append([]string{s.Key}, s.AllAliases()...) {
			app[name] = s.buildSchema(name)
		}
	}
	for _, alias := range []string{"cmd", "command"} {
		app[alias] = map[string]any{"type": "string", "description": "Taken for script, if there is none."}
	}
	apps := map[string]any{"oneOf": []any{map[string]any{"type": "array", "items": newRef("app")}, newRef("app")}}
	doc := map[string]any{
		"$schema": "http://json-schema.org/draft-07/schema#", "$id": schemaURL,
		"title": "PM2 ecosystem file", "description": "What PM2 5.4 to 7.0 accepts. `pm2drill validate` says what of it is wise.",
		"type": "object",
		"properties": map[string]any{
			"apps": apps, "pm2": apps,
			"deploy": map[string]any{"type": "object", "description": "Targets of pm2 deploy."},
			"static": map[string]any{"type": "array", "description": "Folders to be served."},
		},
		"definitions": map[string]any{
			"app": map[string]any{"type": "object", "properties": app, "patternProperties": map[string]any{
				envKey.String(): map[string]any{"type": []string{"object", "string"}, "description": "Variables of the environment that --env NAME chooses."},
			}},
		},
	}
	out, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("cannot write schema: %w", err)
	}
	return append(out, '\n'), nil
}

// schemaURL is where the schema can be had.
const schemaURL = "https://raw.githubusercontent.com/pm2drill/pm2drill/main/harness/lint/ecosystem.schema.json"

// SchemaEntry is the schema's entry for a catalogue as www.schemastore.org has it: which
// files it is for. PM2 takes every .json, .yml and .yaml; these are the names that people
// give them, and that nothing else has.
func SchemaEntry() ([]byte, error) {
	files := []string{}
	for _, stem := range []string{"ecosystem", "ecosystem.config", "ecosystem.*", "pm2", "pm2.config", "processes"} {
		for _, end := range []string{".json", ".yml", ".yaml"} {
			files = append(files, stem+end)
		}
	}
	out, err := json.MarshalIndent(map[string]any{
		"name": "PM2 ecosystem file", "description": "Apps that the PM2 process manager runs", "fileMatch": files, "url": schemaURL,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("cannot write the schema's entry: %w", err)
	}
	return append(out, '\n'), nil
}

func newRef(name string) map[string]any { return map[string]any{"$ref": "#/definitions/" + name} }

// buildSchema returns the schema of what PM2 takes for the setting. PM2 reads numbers out
// of strings, and takes null for a key that is not there.
func (s Setting) buildSchema(name string) map[string]any {
	types := []string{"null"}
	for _, k := range s.Types {
		types = append(types, string(k))
	}
	if slices.Contains(s.Types, Number) && !slices.Contains(s.Types, String) {
		types = append(types, "string")
	}
	out := map[string]any{"type": types}
	says := s.Says
	if says == "" {
		says = "A setting of PM2's own, which PM2 does not describe."
	}
	if name != s.Key {
		says = "Another name of " + s.Key + ". " + says
	}
	out["description"] = says
	switch strings := slices.Contains(s.Types, String); {
	case s.Pattern != "" && slices.Contains(s.Types, Number):
		out["pattern"] = s.Pattern + "|" + numericText
	case s.Pattern != "":
		out["pattern"] = s.Pattern
	case slices.Contains(s.Types, Number) && !strings && s.Key != "instances": // of which PM2 takes any text
		out["pattern"] = numericText
	}
	if s.Min != nil {
		out["minimum"] = *s.Min
	}
	if !s.Default.Missing() {
		out["default"] = s.Default.Plain()
	}
	return out
}

// numericText is what isNaN takes for a number, as a regular expression of JavaScript's:
// PM2 asks it of the text of a setting that may be a number (lib/tools/Config.js:170).
const numericText = `^\s*([+-]?(Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)?\s*$`

// Plain is the value as encoding/json reads it: nil, bool, float64, string, []any or
// map[string]any. What JSON lacks (undefined, functions, NaN) is nil.
func (v Value) Plain() any {
	switch v.getKind() {
	case Bool:
		return v.True
	case Number:
		if math.IsNaN(v.Num) || math.IsInf(v.Num, 0) {
			return nil
		}
		return v.Num
	case String:
		return v.Text
	case Array:
		out := make([]any, len(v.Items))
		for i, x := range v.Items {
			out[i] = x.Plain()
		}
		return out
	case Object:
		out := make(map[string]any, len(v.Fields))
		for _, f := range v.Fields {
			out[f.Key] = f.Value.Plain()
		}
		return out
	}
	return nil
}
