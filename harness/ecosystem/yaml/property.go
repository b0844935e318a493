package yaml

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// known are the tags that js-yaml's default schema has, and "!".
var known = regexp.MustCompile(`^!(!(str|seq|map|null|bool|int|float|timestamp|binary|omap|pairs|set))?$`)

// local are tags that it has not, and refuses.
var local = regexp.MustCompile(`^!!?[A-Za-z][A-Za-z0-9_/.-]*$`)

// findTag returns the tag that is written before a node, "" for none.
func (r *reader) findTag(n *yaml.Node) (string, error) {
	if !isTagged(n) {
		return "", nil
	}
	rest := r.cutLine(n.Line, n.Column)
	for {
		word, after, _ := strings.Cut(rest, " ")
		switch {
		case known.MatchString(word):
			return word, nil
		case local.MatchString(word) && word != "!!merge":
			return "", refuse(n, "PM2's parser does not know this tag: text that begins with ! belongs in quotes")
		case !strings.HasPrefix(word, "&") || after == "":
			return "", r.newDoubt(n, "a tag of this form")
		}
		rest = strings.TrimLeft(after, " ")
	}
}

// isTagged reports whether a tag is written before a node.
func isTagged(n *yaml.Node) bool { return n.Style&yaml.TaggedStyle != 0 || n.Tag == "!" }

// hasProperties reports whether a tag or an anchor is written before a node.
func hasProperties(n *yaml.Node) bool { return isTagged(n) || n.Anchor != "" }

// cutLine returns the rest of a line from a column on, which counts characters from 1.
func (r *reader) cutLine(line, col int) string {
	if line < 1 || line > len(r.lines) {
		return ""
	}
	text := r.lines[line-1]
	if r.ascii[line-1] {
		return text[min(max(col-1, 0), len(text)):]
	}
	for ; col > 1 && text != ""; col-- {
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
	return text
}

// isExplicit reports whether a question mark stands before the key.
func (r *reader) isExplicit(n *yaml.Node) bool {
	line := r.lines[n.Line-1]
	before := strings.TrimRight(line[:len(line)-len(r.cutLine(n.Line, n.Column))], " \t")
	for i := n.Line - 2; i >= 0 && before == ""; i-- {
		before = strings.TrimRight(r.lines[i], " \t")
	}
	rest, found := strings.CutSuffix(before, "?")
	return found && (rest == "" || strings.ContainsAny(rest[len(rest)-1:], " \t{[,"))
}
