package yaml

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// explainRefusal says in plain words what is wrong, and where a person has to look.
func (r *reader) explainRefusal(e *yaml.LoadError) *refusal {
	at, words := e.Mark, words[e.Message]
	switch after := r.cutLine(at.Line, at.Column); {
	case e.Message == "found character that cannot start any token" && after != "" && after[0] != '\t':
		words = fmt.Sprintf("plain text cannot begin with %.1s: put it in quotes", after)
	case e.Message == "found unexpected end of stream" || e.Message == "found unexpected document indicator":
		at, words = e.ContextMark, "the quote that opens here is not closed"
	case e.Message == "could not find expected ':'":
		at = e.ContextMark
	case strings.HasPrefix(e.Message, "exceeded max depth"):
		words = "the values are nested deeper than 100"
	case strings.HasPrefix(e.Message, "unknown anchor"):
		words = "no anchor of this name stands before the alias: text that begins with * belongs in quotes" // and may be a password
	}
	if words == "" {
		words = e.Message
	}
	line, column := max(1, at.Line), max(1, at.Column)
	for line > 1 && (line > len(r.lines) || line == len(r.lines) && r.lines[line-1] == "") { // behind the end of the text
		line--
		column = utf8.RuneCountInString(r.lines[line-1]) + 1
	}
	return &refusal{words, line, column}
}

// words say what the parser's messages come to for somebody who wrote the file.
var words = map[string]string{
	"found character that cannot start any token":                  "a tab cannot indent YAML: use spaces",
	"found a tab character that violates indentation":              "a tab cannot indent YAML: use spaces",
	"found a tab character where an indentation space is expected": "a tab cannot indent YAML: use spaces",
	"mapping values are not allowed in this context":               "a key cannot stand here: the indentation is wrong, the line before has no colon, or text with a colon is not in quotes",
	"block sequence entries are not allowed in this context":       "a list entry cannot begin here: put it on a line of its own, or the dash in quotes",
	"did not find expected key":                                    "this is no key of the mapping: the indentation is wrong, or something follows a value",
	"did not find expected '-' indicator":                          "this is no entry of the list: the indentation is wrong, or a dash is missing",
	"did not find expected ',' or ']'":                             "a comma or a closing ] is missing before this",
	"did not find expected ',' or '}'":                             "a comma or a closing } is missing before this",
	"did not find expected node content":                           "a value is missing before this, or a bracket is closed that was not opened",
	"did not find expected <document start>":                       "this does not belong to what stands above: the indentation is wrong, or a colon is missing",
	"did not find expected alphabetic or numeric character":        "* begins the name of an alias: put the text in quotes",
	"did not find expected comment or line break":                  "nothing but a comment may follow | or > on its line",
	"could not find expected ':'":                                  "a colon and a space are missing after the key",
	"found unknown escape character":                               "this escape is not known in double quotes: write \\\\ for a backslash, or use single quotes",
	"did not find expected hexadecimal number":                     "a hexadecimal digit is missing in this escape",
	"found undefined tag handle":                                   "this tag's handle is not declared",
	"found an indentation indicator equal to 0":                    "the indentation of a block of text cannot be 0",
	"mapping keys are not allowed in this context":                 "a key cannot stand here",
	"did not find expected whitespace or line break":               "a blank is missing before this",
}
