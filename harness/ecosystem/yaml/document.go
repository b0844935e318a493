package yaml

import (
	"regexp"
	"strings"
)

// yamlDirective is a directive that changes nothing for js-yaml.
var yamlDirective = regexp.MustCompile(`^%YAML[ \t]+1\.[0-9]+[ \t]*([ \t]#.*)?$`)

// marker is a line that begins or ends a document.
var marker = regexp.MustCompile(`^(---|\.\.\.)([ \t].*)?$`)

// checkDocument looks at what stands around the content: directives before it, which it
// takes out of the lines, and markers.
func (r *reader) checkDocument() error {
	directive := 0
	for i, line := range r.lines {
		switch {
		case isBlank(line):
		case strings.HasPrefix(line, "%") && directive == 0 && yamlDirective.MatchString(line):
			directive = i + 1
			r.lines[i] = ""
		case strings.HasPrefix(line, "%"):
			return &doubt{"a directive", i + 1, 1}
		case directive > 0 && (line[0] == ' ' || line[0] == '\t'):
			return &doubt{"a directive and then an indented line", i + 1, 1}
		case directive > 0 && !strings.HasPrefix(line, "---"):
			return &refusal{"a directive has to be followed by ---", i + 1, 1}
		default:
			return r.checkMarkers(i)
		}
	}
	if directive > 0 {
		return &refusal{"a directive has to be followed by ---", directive, 1}
	}
	return nil
}

// checkMarkers looks at the markers from the first line that is neither blank nor a
// directive.
func (r *reader) checkMarkers(first int) error {
	if strings.HasPrefix(strings.TrimLeft(r.lines[first], " \t"), "---") && !marker.MatchString(r.lines[first]) {
		return &doubt{"a document's start without a blank after it", first + 1, 1}
	}
	ended := strings.HasPrefix(r.lines[first], "...")
	for i, line := range r.lines[first:] {
		switch {
		case !marker.MatchString(line) || line[0] == '-':
		case ended || first == i:
			return &doubt{"a document's end without a document", first + i + 1, 1}
		default:
			ended = true
		}
	}
	return nil
}

// isBlank reports whether a line holds nothing but blanks and a comment.
func isBlank(line string) bool {
	rest := strings.TrimLeft(line, " \t")
	return rest == "" || rest[0] == '#'
}
