package yaml

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// checkKey looks for keys that the parser takes and js-yaml does not: none at all, and in
// brackets one on another line than its colon.
func (r *reader) checkKey(mapping, key, value *yaml.Node) error {
	flow := mapping.Style&yaml.FlowStyle != 0
	empty := key.Kind == yaml.ScalarNode && key.Value == "" && key.Style&quoted == 0
	switch {
	case empty && !flow && strings.HasPrefix(r.cutLine(key.Line, key.Column), ":") && !r.isExplicit(key):
		return refuse(key, "a key is missing before the colon")
	case empty && (!flow || hasProperties(key)):
		return r.newDoubt(key, "an empty key")
	case !flow && hasProperties(key) && (r.legacy || hasProperties(mapping) || key.Kind != yaml.ScalarNode):
		return r.newDoubt(key, "a tag or an anchor before a key")
	case !flow || value.Line == key.Line || r.isExplicit(key):
		return nil
	}
	return r.checkColon(key, value)
}

// checkColon looks at a key in brackets whose value stands on another line, or is missing.
func (r *reader) checkColon(key, value *yaml.Node) error {
	missing := value.Kind == yaml.ScalarNode && value.Value == "" && value.Style&quoted == 0 && !hasProperties(value)
	rest, whole := r.cutAfterKey(key)
	switch {
	case !whole && (missing || hasProperties(key) || key.Kind != yaml.ScalarNode):
		return r.newDoubt(key, "a key of several lines")
	case !whole:
		return refuse(key, "a key in brackets has to stand on one line with its colon")
	case !isBlank(rest):
		return nil
	}
	if strings.HasPrefix(strings.TrimSpace(r.findNextContent(key.Line)), ":") {
		return refuse(key, "a key in brackets has to stand on one line with its colon")
	}
	return nil
}

// findNextContent returns the first line after one, whose number counts from 1, that has
// content; "" for none.
func (r *reader) findNextContent(line int) string {
	for _, l := range r.lines[line:] {
		if !isBlank(l) {
			return l
		}
	}
	return ""
}

// cutAfterKey returns what follows a scalar on its line; whole is false if it goes on
// after that.
func (r *reader) cutAfterKey(key *yaml.Node) (rest string, whole bool) {
	text := r.cutLine(key.Line, key.Column)
	switch {
	case key.Kind != yaml.ScalarNode || hasProperties(key):
		return "", false
	case key.Style&quoted == 0:
		return strings.CutPrefix(text, key.Value)
	}
	mark := text[:1]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && mark == `"`:
			i++
		case text[i:i+1] == mark:
			return text[i+1:], true
		}
	}
	return "", false
}

// checkTopText looks for a block of text on the top level that is not indented, which
// js-yaml 4.3 refuses.
func (r *reader) checkTopText() error {
	if r.root.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return nil
	}
	if r.legacy || strings.ContainsAny(r.cutLine(r.root.Line, 1), "0123456789") || r.cutLine(r.root.Line, 1)[0] == ' ' {
		return r.newDoubt(r.root, "a block of text on the top level")
	}
	for i := r.root.Line; i < len(r.lines) && r.lines[i] == ""; i++ {
		if i+1 == len(r.lines) {
			return refuse(r.root, "the text is empty")
		}
	}
	for i := r.root.Line; i < len(r.lines); i++ {
		switch line := r.lines[i]; {
		case line == "":
		case strings.TrimSpace(line) == "":
			return r.newDoubt(r.root, "a block of text on the top level")
		case line[0] == ' ':
			return nil
		default:
			return &refusal{"the text has to be indented", i + 1, 1}
		}
	}
	return nil
}

// place is where a node stands, as js-yaml's rules of indentation see it.
type place struct {
	level int  // of nesting, from 1
	floor int  // the fewest spaces that a line may begin with that goes on with the node; -1 if unknown
	flow  bool // in brackets
}

// buildTopPlace returns the place of the root.
func (r *reader) buildTopPlace() place {
	line := r.cutLine(r.root.Line, 1)
	return place{level: 1, floor: measureIndent(line)}
}

// buildInnerPlace returns the place of what a collection holds.
func (r *reader) buildInnerPlace(n *yaml.Node, p place) place {
	p.level++
	switch {
	case n.Style&yaml.FlowStyle != 0:
		p.flow = true
	case p.flow:
	case !hasProperties(n):
		p.floor = n.Column
	case n.Kind == yaml.MappingNode && len(n.Content) > 0 && !r.isExplicit(n.Content[0]):
		p.floor = n.Content[0].Column
	default:
		p.floor = -1
	}
	return p
}

// buildKeyPlace returns the place of a key in a mapping whose values have the place p.
func (r *reader) buildKeyPlace(key *yaml.Node, p place) place {
	if !r.isExplicit(key) {
		p.floor = max(-1, p.floor-1)
	}
	return p
}

func measureIndent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// checkPlace looks for a node that is indented less than js-yaml wants it.
func (r *reader) checkPlace(n *yaml.Node, p place) error {
	block := n.Kind != yaml.ScalarNode && n.Kind != yaml.AliasNode && n.Style&yaml.FlowStyle == 0
	empty := n.Kind == yaml.ScalarNode && n.Value == "" && n.Style&quoted == 0
	line := r.cutLine(n.Line, 1)
	if hasProperties(n) && r.isSplit(n) {
		next := r.findNextContent(n.Line)
		more := strings.HasPrefix(strings.TrimLeft(next, " \t"), "&") || strings.HasPrefix(strings.TrimLeft(next, " \t"), "!")
		if more || block && measureIndent(next) < p.floor-1 {
			return r.newDoubt(n, "a tag or an anchor on another line than its value")
		}
	}
	if block || empty {
		return nil
	}
	if first := measureIndent(line) == n.Column-1; first && !p.flow && measureIndent(line) < p.floor {
		return r.newDoubt(n, "a value that is indented less than it should be")
	}
	if hasProperties(n) && r.isSplit(n) {
		return r.newDoubt(n, "a tag or an anchor on another line than its value")
	}
	switch {
	case n.Kind != yaml.ScalarNode:
		return nil
	case n.Style&quoted == 0:
		return r.checkPlain(n, p)
	case n.Style&yaml.DoubleQuotedStyle != 0:
		return r.checkQuoted(n, `"`)
	case n.Style&yaml.SingleQuotedStyle != 0:
		return r.checkQuoted(n, "'")
	}
	return nil
}

// isSplit reports whether nothing but tags and anchors stands on the node's first line.
func (r *reader) isSplit(n *yaml.Node) bool {
	for _, word := range strings.Fields(r.cutLine(n.Line, n.Column)) {
		if word[0] == '#' {
			return true
		}
		if word[0] != '&' && word[0] != '!' {
			return false
		}
	}
	return true
}

// checkPlain looks at the lines of plain text: js-yaml ends it at a line that is indented
// less, also in brackets.
func (r *reader) checkPlain(n *yaml.Node, p place) error {
	if p.flow && n.Value[0] == '?' {
		return r.newDoubt(n, "a question mark in brackets")
	}
	text, rest := r.cutLine(n.Line, n.Column), n.Value
	if hasProperties(n) {
		i := strings.LastIndex(text, rest)
		if i < 0 {
			return r.newDoubt(n, "a tag or an anchor before text of several lines")
		}
		text = text[i:]
	}
	for i := n.Line; ; i++ {
		shared := measureSharedPrefix(text, rest)
		rest = strings.TrimLeft(rest[shared:], " \n")
		if rest == "" {
			return nil
		}
		for i < len(r.lines) && strings.TrimSpace(r.lines[i]) == "" {
			i++
		}
		if shared == 0 || i >= len(r.lines) || p.floor < 0 || measureIndent(r.lines[i]) < p.floor {
			return r.newDoubt(n, "text of several lines that is indented less than it should be")
		}
		text = strings.TrimLeft(r.lines[i], " \t")
	}
}

// checkQuoted looks at the lines of quoted text: js-yaml drops blank lines after an escaped
// line break, and 4.1 keeps blanks at the end of a line.
func (r *reader) checkQuoted(n *yaml.Node, mark string) error {
	_, text, _ := strings.Cut(r.cutLine(n.Line, n.Column), mark)
	for i := n.Line; i < len(r.lines) && !isClosing(text, mark); i++ {
		next := r.lines[i]
		if escaped := strings.HasSuffix(text, `\`); escaped && mark == `"` && strings.TrimSpace(next) == "" {
			return r.newDoubt(n, "a blank line after an escaped line break")
		}
		if r.legacy && strings.TrimRight(text, " \t") != text {
			return r.newDoubt(n, "blanks at the end of a line of quoted text")
		}
		text = next
	}
	return nil
}

// isClosing reports whether a line of quoted text ends it.
func isClosing(line, mark string) bool {
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && mark == `"`:
			i++
		case line[i:i+1] == mark && mark == "'" && strings.HasPrefix(line[i+1:], mark):
			i++
		case line[i:i+1] == mark:
			return true
		}
	}
	return false
}

func measureSharedPrefix(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return i
}

// checkName looks for a name of an anchor that js-yaml reads longer.
func (r *reader) checkName(n *yaml.Node) error {
	sign, name := "&", n.Anchor
	if n.Kind == yaml.AliasNode {
		sign, name = "*", n.Value
	}
	if name == "" {
		return nil
	}
	_, after, found := strings.Cut(r.cutLine(n.Line, n.Column), sign+name)
	if !found || after != "" && !strings.ContainsAny(after[:1], " \t,[]{}") {
		return r.newDoubt(n, "the name of an anchor")
	}
	return nil
}

// checkEnd looks for an empty last entry of a list, after which js-yaml takes entries of
// the list around it.
func (r *reader) checkEnd(n *yaml.Node) error {
	if n.Style&yaml.FlowStyle != 0 || len(n.Content) == 0 {
		return nil
	}
	last := n.Content[len(n.Content)-1]
	if last.Kind != yaml.ScalarNode || last.Value != "" || last.Style&quoted != 0 {
		return nil
	}
	if strings.HasPrefix(strings.TrimLeft(r.findNextContent(last.Line), " "), "-") {
		return r.newDoubt(last, "an empty entry at the end of a list")
	}
	return nil
}
