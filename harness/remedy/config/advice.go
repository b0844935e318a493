package config

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
)

func getProperties(schema any) map[string]any {
	out, _ := lookUp(schema, "properties").(map[string]any)
	return out
}

// showExamples returns the examples of a schema as they are written in the file, after before.
// It returns "" if the schema has none.
func showExamples(before string, schema any) string {
	examples, _ := lookUp(schema, "examples").([]any)
	var all []string
	for _, e := range examples {
		all = append(all, writeFlow(e))
	}
	switch n := len(all); n {
	case 0:
		return ""
	case 1:
		return before + all[0]
	default:
		return before + strings.Join(all[:n-1], ", ") + " or " + all[n-1]
	}
}

// writeFlow writes a value as YAML on one line.
func writeFlow(v any) string {
	if n, ok := v.(json.Number); ok {
		return n.String()
	}
	var node yaml.Node
	if err := node.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	if node.Kind != yaml.ScalarNode {
		node.Style = yaml.FlowStyle
	}
	text, err := yaml.Marshal(&node)
	if err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(string(text))
}

// suggest returns, in brackets, the name that was probably meant, or all names if they are few.
// The text is no "key: value", which a redactor would take for a secret.
func suggest(typed string, known []string) string {
	asked := askIfMeant(typed, known)
	if asked == "" && len(known) > 0 && len(known) <= 12 {
		return " (there are " + strings.Join(known, ", ") + ")"
	}
	return asked
}

// askIfMeant returns, in brackets, the name that was probably meant, "" if none is near.
func askIfMeant(typed string, known []string) string {
	best, nearest := "", 1+max(1, len(typed)/3)
	for _, name := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(typed), strings.ToLower(name)); d < nearest && name != typed {
			best, nearest = name, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}

func formatTexts(values []any) (out []string) {
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func list(values []any) string { return strings.Join(formatTexts(values), ", ") }

// show quotes what was given, if it is short enough to be a word.
func show(v any) string {
	const most = 60
	if s := fmt.Sprintf("%v", v); len(s) <= most {
		return strconv.Quote(s)
	}
	return "what is given"
}

func addArticle(of string) string {
	switch {
	case of == "null":
		return "empty"
	case strings.ContainsAny(of[:1], "aeiou"):
		return "an " + of
	}
	return "a " + of
}
