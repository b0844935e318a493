package tools

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pm2drill/pm2drill/harness/cmd/pm2drill/internal/cli"
)

// Tool is a verb that a client may call.
type Tool struct {
	Name     string   // by which clients call it
	Verb     string   // of pm2drill
	About    string   // what it does and what it returns, for a model that chooses among tools
	Fixed    []string // flags that each call has: with them the verb prints JSON
	Operand  Operand  // the zero Operand of a verb that takes none
	Flags    []string // of the verb, which a client may set
	Required []string // of Flags
	Output   string   // the file in schema/ that describes the JSON
	Alone    bool     // one call at a time: calls side by side would disturb each other
	Changes  bool     // it writes files or starts containers
}

// Operand describes the words of a command line that are no flags.
type Operand struct {
	Name  string // "" of none
	About string
	Least int
	Most  int // 1 of a single word, 0 of any number
}

//go:embed schema/*.json
var schemas embed.FS

// buildInput returns the JSON Schema of the tool's arguments. The types and descriptions of
// flags are those of the verb.
func (t Tool) buildInput(verb *cobra.Command) map[string]any {
	properties, required := map[string]any{}, slices.Clone(t.Required)
	for _, name := range t.Flags {
		properties[name] = describeFlag(verb.Flags().Lookup(name))
	}
	if o := t.Operand; o.Name != "" {
		properties[o.Name] = o.describe()
		if o.Least > 0 {
			required = append(required, o.Name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": append([]string{}, required...), "additionalProperties": false}
}

func (o Operand) describe() map[string]any {
	if o.Most == 1 {
		return map[string]any{"type": "string", "description": o.About}
	}
	s := map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "description": o.About, "minItems": o.Least}
	if o.Most > 0 {
		s["maxItems"] = o.Most
	}
	return s
}

// describeFlag returns the JSON Schema of a flag's value.
func describeFlag(f *pflag.Flag) map[string]any {
	kind := "string"
	switch f.Value.Type() {
	case "bool":
		kind = "boolean"
	case "int", "int32", "int64", "uint", "uint64":
		kind = "integer"
	case "float64":
		kind = "number"
	}
	_, usage := pflag.UnquoteUsage(f)
	return map[string]any{"type": kind, "description": usage}
}

// buildOutput returns the JSON Schema of the tool's result: the exit code of the verb, and
// what it prints.
func (t Tool) buildOutput() (map[string]any, error) {
	raw, err := schemas.ReadFile("schema/" + t.Output)
	if err != nil {
		return nil, fmt.Errorf("cannot describe the tool %s: %w", t.Name, err)
	}
	var output map[string]any
	if err := json.Unmarshal(raw, &output); err != nil {
		return nil, fmt.Errorf("cannot describe the tool %s: %w", t.Name, err)
	}
	return map[string]any{
		"type": "object", "required": []string{"exit_code", "output"}, "additionalProperties": false,
		"properties": map[string]any{
			"exit_code": map[string]any{"type": "integer", "minimum": 0, "maximum": 2,
				"description": "exit code of `pm2drill " + t.Verb + "`: 0 all is as it should be, 1 it is not (a promise is broken, a finding is an error, B is worse), 2 nothing is proven"},
			"output": output,
		},
	}, nil
}

// buildArgs returns the command line of a call. What the verb can refuse by itself is left to
// the verb.
func (t Tool) buildArgs(raw json.RawMessage) ([]string, error) {
	given := map[string]any{}
	if len(bytes.TrimSpace(raw)) > 0 {
		in := json.NewDecoder(bytes.NewReader(raw))
		in.UseNumber() // a seed has more digits than a float64
		if err := in.Decode(&given); err != nil {
			return nil, fmt.Errorf("the arguments are no JSON object: %w", err)
		}
	}
	args, words := append([]string{t.Verb}, t.Fixed...), []string{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		values, err := listValues(given[name])
		switch {
		case err != nil:
			return nil, fmt.Errorf("the argument %s %w", name, err)
		case name == t.Operand.Name:
			words = values
		case !slices.Contains(t.Flags, name):
			known := t.listArguments()
			return nil, fmt.Errorf("there is no argument %q%s: the tool %s takes %s", name, cli.Suggest(known, name), t.Name, strings.Join(known, ", "))
		default:
			args = append(args, "--"+name+"="+strings.Join(values, ","))
		}
	}
	for _, name := range t.Required {
		if _, ok := given[name]; !ok {
			return nil, fmt.Errorf("the argument %s is missing: give it", name)
		}
	}
	if o := t.Operand; len(words) < o.Least || o.Most > 0 && len(words) > o.Most {
		return nil, fmt.Errorf("the argument %s has %d values: give %s", o.Name, len(words), o.count())
	}
	if len(words) > 0 {
		args = append(append(args, "--"), words...)
	}
	return args, nil
}

func (o Operand) count() string {
	if o.Least == o.Most {
		return fmt.Sprint(o.Least)
	}
	return fmt.Sprintf("%d or more", o.Least)
}

// listArguments returns the names of all arguments that the tool takes.
func (t Tool) listArguments() []string {
	names := slices.Clone(t.Flags)
	if t.Operand.Name != "" {
		names = append(names, t.Operand.Name)
	}
	slices.Sort(names)
	return names
}

// listValues returns a JSON value as words of a command line: one, or those of an array.
func listValues(value any) ([]string, error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case bool, json.Number:
		return []string{fmt.Sprint(v)}, nil
	case []any:
		words := []string{}
		for _, x := range v {
			one, err := listValues(x)
			if err != nil || len(one) != 1 {
				return nil, fmt.Errorf("has an element that is no text or number")
			}
			words = append(words, one...)
		}
		return words, nil
	}
	return nil, fmt.Errorf("cannot be %s: give a text, a number, true or false, or an array of texts", describeValue(value))
}

func describeValue(value any) string {
	if value == nil {
		return "null"
	}
	return "an object"
}
