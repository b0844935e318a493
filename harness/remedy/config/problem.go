package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	File string
	Line int    // 0 if it is about no line
	Key  string // such as apps[0].health.url; "" if it is about none
	What string // what is wrong, and what to do about it
}

func (p Problem) Error() string {
	var parts []string
	switch {
	case p.File != "" && p.Line > 0:
		parts = append(parts, p.File+":"+strconv.Itoa(p.Line))
	case p.File != "":
		parts = append(parts, p.File)
	}
	if p.Key != "" {
		parts = append(parts, p.Key)
	}
	return strings.Join(append(parts, p.What), ": ")
}

// Problems is all that is wrong with a configuration, in the order of its lines.
type Problems []Problem

func (p Problems) Error() string {
	var lines []string
	for _, x := range p {
		lines = append(lines, x.Error())
	}
	return strings.Join(lines, "\n")
}

// source is the text that a configuration was read from.
type source struct {
	file string
	root *yaml.Node // nil of a configuration that was read from none
}

// blame returns a problem of what is at a path, such as apps, 0, name.
func (s source) blame(path []string, format string, args ...any) Problem {
	p := Problem{File: s.file, Key: formatKey(path), What: fmt.Sprintf(format, args...)}
	if s.root != nil {
		p.Line = findLine(s.root, path)
	}
	return p
}

// finder collects the problems of one text.
type finder struct {
	source
	found Problems
}

// complain notes a problem of what is at a path, such as apps, 0, name.
func (f *finder) complain(path []string, format string, args ...any) {
	p := f.blame(path, format, args...)
	if !slices.Contains(f.found, p) {
		f.found = append(f.found, p)
	}
}

// getError returns what was found, in the order of lines; nil if nothing was.
func (f *finder) getError() error {
	if len(f.found) == 0 {
		return nil
	}
	slices.SortStableFunc(f.found, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return f.found
}

// findLine returns the line of what is at a path, or of the last part of it that is
// there.
func findLine(at *yaml.Node, path []string) int {
	line := at.Line
	for _, key := range path {
		for at.Kind == yaml.DocumentNode || at.Kind == yaml.AliasNode {
			if at.Kind == yaml.AliasNode {
				at = at.Alias
			} else {
				at = at.Content[0]
			}
		}
		next := findChild(at, key)
		if next == nil {
			break
		}
		line, at = next.key.Line, next.value
	}
	return line
}

// entry is one of a mapping or of a sequence; of a sequence, key is value.
type entry struct{ key, value *yaml.Node }

func findChild(at *yaml.Node, key string) *entry {
	switch at.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(at.Content); i += 2 {
			if at.Content[i].Value == key {
				return &entry{at.Content[i], at.Content[i+1]}
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i < len(at.Content) {
			return &entry{at.Content[i], at.Content[i]}
		}
	}
	return nil
}

// formatKey writes a path as people do: apps[0].name.
func formatKey(path []string) string {
	var b strings.Builder
	for _, key := range path {
		switch _, err := strconv.Atoi(key); {
		case err == nil:
			fmt.Fprintf(&b, "[%s]", key)
		case b.Len() > 0:
			b.WriteString("." + key)
		default:
			b.WriteString(key)
		}
	}
	return b.String()
}

// explain notes what a schema refuses.
func (f *finder) explain(doc map[string]any, e *jsonschema.ValidationError) {
	for _, cause := range e.Causes {
		f.explain(doc, cause)
	}
	if len(e.Causes) > 0 {
		return
	}
	path, schema := e.InstanceLocation, findPart(doc, e.SchemaURL)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		known := slices.Sorted(maps.Keys(getProperties(schema)))
		for _, name := range k.Properties {
			f.complain(append(slices.Clone(path), name), "no key has this name%s", suggest(name, known))
		}
	case *kind.Required:
		f.complain(path, "it lacks %s", strings.Join(k.Missing, " and "))
	case *kind.Enum:
		f.complain(path, "%s is not one of %s%s", show(k.Got), list(k.Want), askIfMeant(fmt.Sprint(k.Got), formatTexts(k.Want)))
	case *kind.Const:
		f.complain(path, "%s is not %v, the version of the format that this engine reads", show(k.Got), k.Want)
	case *kind.Type:
		f.complain(path, "it is %s, and must be %s%s", addArticle(k.Got), addArticle(strings.Join(k.Want, " or ")), showExamples(" such as ", schema))
	case *kind.MinItems:
		f.complain(path, "it is empty: give at least %d, or leave it out", k.Want)
	case *kind.MaxItems:
		f.complain(path, "it has %d entries: give at most %d", k.Got, k.Want)
	case *kind.MinLength:
		f.complain(path, "it is empty or too short%s", showExamples(": write one such as ", schema))
	case *kind.Minimum:
		f.complain(path, "it must be at least %s", k.Want.RatString())
	case *kind.Maximum:
		f.complain(path, "it must be at most %s", k.Want.RatString())
	case *kind.MaxProperties, *kind.MinProperties:
		f.complain(path, "give one of %s", strings.Join(slices.Sorted(maps.Keys(getProperties(schema))), " and "))
	case *kind.Pattern:
		got := show(k.Got)
		if path[len(path)-1] == "env" {
			got = "what is given" // it may be the secret, in the place of its variable
		}
		f.complain(path, "%s cannot be used%s", got, showExamples(": write one such as ", schema))
	default:
		f.complain(path, "it cannot be used%s", showExamples(": write one such as ", schema))
	}
}
