package yaml

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// judge says what an error of the parser means: that js-yaml refuses the text, too, or
// that nobody knows.
func (r *reader) judge(e *yaml.LoadError) error {
	if r.mayTake(e) {
		words := r.explainRefusal(e)
		return &doubt{"what another parser refuses (" + words.message + ")", words.line, words.col}
	}
	return r.explainRefusal(e)
}

// mayTake reports whether js-yaml may take what the parser refuses.
func (r *reader) mayTake(e *yaml.LoadError) bool {
	line, after := r.cutLine(e.Mark.Line, 1), r.cutLine(e.Mark.Line, e.Mark.Column)
	before := strings.TrimSuffix(line, after)
	switch {
	case strings.HasPrefix(e.Message, "unknown anchor"):
		return false
	case strings.HasPrefix(line, "---"),
		slices.ContainsFunc(r.lines, explicit.MatchString), slices.ContainsFunc(r.lines, colonName.MatchString), slices.ContainsFunc(r.lines, topIndicator.MatchString),
		property.MatchString(line), property.MatchString(r.cutLine(e.Mark.Line-1, 1)), property.MatchString(r.cutLine(e.ContextMark.Line, 1)):
		return true
	case strings.HasPrefix(e.Message, "exceeded max depth"):
		return r.legacy
	case strings.HasPrefix(e.Message, "did not find expected '-'"), e.Message == "did not find expected key", e.Message == "did not find expected <document start>":
		return slices.ContainsFunc(r.lines, emptyEntry.MatchString)
	case strings.HasPrefix(e.Message, "did not find expected ','"):
		return tightColon.MatchString(strings.Join(r.lines, "\n"))
	}
	switch e.Message {
	case "did not find expected alphabetic or numeric character": // of an anchor's name
		return !strings.HasSuffix(before, "*")
	case "found a comment without preceding whitespace",
		halved, // js-yaml takes lone halves
		"found unknown directive name":
		return true
	case tabbed: // in brackets
		return slices.ContainsFunc(r.lines[:e.Mark.Line-1], opening.MatchString)
	case "found a tab character where an indentation space is expected":
		return isBlank(line)
	case "mapping values are not allowed in this context", "mapping keys are not allowed in this context":
		return r.isAfterMore(e.Mark.Line, before) || noKey.MatchString(before)
	case "found character that cannot start any token": // a tab before everything else
		return strings.HasPrefix(after, "\t") && !slices.ContainsFunc(r.lines[:e.Mark.Line-1], isContent)
	}
	return false
}

// isAfterMore reports whether quotes or brackets that began on a line before go on or end
// in the text before an error: js-yaml takes a key after them, or at any column in them.
func (r *reader) isAfterMore(line int, before string) bool {
	count := func(sign string) int { return strings.Count(before, sign) }
	above := r.lines[:line-1]
	return count(`"`)%2 == 1 || count("'")%2 == 1 || count("]") > count("[") || count("}") > count("{") ||
		slices.ContainsFunc(above, unclosed.MatchString) || slices.ContainsFunc(above, opening.MatchString) && !strings.ContainsAny(strings.TrimRight(before, ":"), ":,{[")
}

// isContent reports whether there is more on a line than a tag or an anchor of what
// follows.
func isContent(line string) bool {
	return !isBlank(line) && line[0] != '&' && line[0] != '!'
}

// Forms that the parser and js-yaml have different rules for.
var (
	// emptyEntry is a line that ends with a dash: js-yaml may take the next entry of the
	// list around for one of the same list.
	emptyEntry = regexp.MustCompile(`(^|\s)-[ \t]*(#.*)?$`)
	// tightColon is an entry in brackets, not quoted, with a colon before a bracket or a
	// comma, which ends its key for js-yaml.
	tightColon = regexp.MustCompile(`[,{\[]\s*([^\s"',{}\[\]][^,{}\[\]]*)?:[][{},]`)
	// unclosed is a line with a quote that is not closed on it.
	unclosed = regexp.MustCompile(`(^|[\s\[{,])("[^"]*|'[^']*)$`)
	// opening is a line that ends with brackets that it opens.
	opening = regexp.MustCompile(`(^\s*|[:,-]\s+)[\[{][^\]}]*$`)
	// noKey is the text before a colon without a key in brackets.
	noKey = regexp.MustCompile(`[\[{,]\s*$`)
	// explicit is a key with a question mark, or its value.
	explicit = regexp.MustCompile(`^\s*(-\s+)*[?:](\s|$)`)
	// colonName is an anchor with a colon, which is part of its name for js-yaml.
	colonName = regexp.MustCompile(`(^|[\s,{\[])&[^\s,{}\[\]]*:(\s|$)`)
	// topIndicator is the head of a block of text on the top level with an indentation.
	topIndicator = regexp.MustCompile(`^(---)?\s*[|>][-+]?[0-9]`)
	// property is a tag or an anchor.
	property = regexp.MustCompile(`(^|[\s,{\[])(&+[^\s&]|!)`)
)
