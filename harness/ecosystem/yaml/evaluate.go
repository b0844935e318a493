package yaml

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// Bounds of what is evaluated at all, in bytes, values and levels.
const (
	largestText = 1 << 20
	mostValues  = 200_000
	deepest     = 110 // js-yaml 4.3 refuses at 100; the parser counts some levels twice
)

// Evaluate evaluates the request's source. Its Failure is what js-yaml would throw, with
// line and column.
func Evaluate(req ecosystem.Request) ecosystem.Evaluation {
	var out ecosystem.Evaluation
	r := reader{legacy: !req.Target.PM2AtLeast("7.0.2")}
	value, err := r.evaluate(req.Source)
	var refused *refusal
	var unsure *doubt
	switch {
	case errors.As(err, &refused):
		out.Failure = &ecosystem.Failure{Class: ecosystem.Syntax, Message: refused.message, Line: refused.line, Col: refused.col}
		return out
	case errors.As(err, &unsure):
		out.Unsupported = unsure.Error()
		return out
	case err != nil:
		out.Unsupported = err.Error()
		return out
	}
	out.Value = value
	if config, rejected := ecosystem.ConfigOf(value); rejected == nil && r.root != nil {
		out.Positions = locate(r.root, config)
	}
	return out
}

// refusal is an error that js-yaml throws. Lines and columns count from 1; 0 is unknown.
type refusal struct {
	message   string
	line, col int
}

func (r *refusal) Error() string { return fmt.Sprintf("%d:%d: %s", r.line, r.col, r.message) }

// doubt is a construct of which the meaning to js-yaml is not known for certain.
type doubt struct {
	what      string
	line, col int
}

func (d *doubt) Error() string { return fmt.Sprintf("%s (line %d, column %d)", d.what, d.line, d.col) }

// reader evaluates one text.
type reader struct {
	legacy bool // js-yaml 4.1
	lines  []string
	ascii  []bool // of each line
	root   *yaml.Node
	open   map[*yaml.Node]bool            // nodes that are being read
	names  map[string]bool                // of their anchors
	known  map[*yaml.Node]ecosystem.Value // nodes with an anchor
	sizes  map[*yaml.Node]int             // of them, in values
	values int                            // read so far, aliases as often as they occur
	merged int                            // keys, as js-yaml counts them
	loops  int                            // aliases of a collection within itself
	others int                            // other aliases
}

func (r *reader) evaluate(source []byte) (ecosystem.Value, error) {
	text, err := decode(source)
	if err != nil {
		return ecosystem.Value{}, err
	}
	r.lines = splitLines(text)
	if err := r.inspect(); err != nil {
		return ecosystem.Value{}, err
	}
	if err := r.checkDocument(); err != nil {
		return ecosystem.Value{}, err
	}
	if err := r.parseReplaced(); err != nil {
		return ecosystem.Value{}, err
	}
	if r.root == nil {
		return convertAbsent(text), nil
	}
	if err := r.checkTopText(); err != nil {
		return ecosystem.Value{}, err
	}
	r.open, r.names, r.known, r.sizes = map[*yaml.Node]bool{}, map[string]bool{}, map[*yaml.Node]ecosystem.Value{}, map[*yaml.Node]int{}
	v, err := r.readValue(r.root, r.buildTopPlace())
	if err == nil && r.loops > 0 && r.loops+r.others > 1 {
		err = r.newDoubt(r.root, "a collection that contains itself, and other aliases")
	}
	return v, err
}

// convertAbsent returns what js-yaml makes of a text without content: nothing of an empty
// one, and null of one of blanks and comments.
func convertAbsent(text string) ecosystem.Value {
	if rest := strings.TrimLeft(text, " "); rest == "" || rest == "\n" || rest == "\r" {
		return ecosystem.Value{Kind: ecosystem.Undefined}
	}
	return ecosystem.Value{Kind: ecosystem.Null}
}

// mostReplaced is how many places may be given to the parser in another form.
const mostReplaced = 100

// parseReplaced parses. Where the parser refuses what js-yaml takes, it gets another form
// that means the same: a space for a tab before a closing bracket (outside of brackets
// checkPlain finds the line), and one escape for the two halves of a surrogate pair.
func (r *reader) parseReplaced() error {
	lines := slices.Clone(r.lines)
	for range mostReplaced {
		err := r.parse(strings.Join(lines, "\n"))
		var e *yaml.LoadError
		if !errors.As(err, &e) {
			return err
		}
		i := e.Mark.Line - 1
		switch {
		case e.Message == tabbed && closing.MatchString(lines[i]):
			rest := strings.TrimLeft(lines[i], " \t")
			lines[i] = strings.Repeat(" ", len(lines[i])-len(rest)) + rest
		case e.Message == halved && r.joinHalves(i, e.Mark.Column):
			lines[i] = r.lines[i]
		default:
			return r.judge(e)
		}
	}
	return &doubt{"many tabs before brackets, or many surrogate pairs", 1, 1}
}

// joinHalves replaces the two escapes of a surrogate pair, of which the digits of the first
// begin at a column, by the escape of their character, and reports whether there is a pair.
// What follows on the line moves two columns to the left.
func (r *reader) joinHalves(i, column int) bool {
	runes := []rune(r.lines[i])
	digits := column - 1
	if digits < 2 || digits+10 > len(runes) || !halves.MatchString(string(runes[digits:digits+10])) {
		return false
	}
	high, errHigh := strconv.ParseUint(string(runes[digits:digits+4]), 16, 16)
	low, errLow := strconv.ParseUint(string(runes[digits+6:digits+10]), 16, 16)
	if errHigh != nil || errLow != nil {
		return false
	}
	whole := fmt.Sprintf(`\U%08X`, utf16.DecodeRune(rune(high), rune(low)))
	r.lines[i] = string(runes[:digits-2]) + whole + string(runes[digits+10:])
	r.ascii[i] = utf8.RuneCountInString(r.lines[i]) == len(r.lines[i])
	return true
}

// halved is the parser's message for half of a surrogate pair, and halves are the escapes
// of both without the first backslash and its u.
const halved = "found invalid Unicode character escape code"

var halves = regexp.MustCompile(`^[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}$`)

// tabbed is the parser's message for a tab before text, and closing a line that it may
// stand on for js-yaml.
const tabbed = "found a tab character that violates indentation"

var closing = regexp.MustCompile(`^[ \t]*\t[ \t]*[\]}]`)

// parse sets root to the node of the only document, or leaves it nil if there is none.
func (r *reader) parse(text string) error {
	loader, err := yaml.NewLoader(strings.NewReader(text), yaml.WithV4Defaults(), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(deepest))))
	if err != nil {
		return fmt.Errorf("cannot set the parser up: %w", err)
	}
	var doc, more yaml.Node
	switch err := loader.Load(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	switch err := loader.Load(&more); {
	case err == nil:
		return &refusal{"the file has more than one document; PM2 reads exactly one", more.Line, max(1, more.Column)}
	case !errors.Is(err, io.EOF):
		return err
	}
	if len(doc.Content) == 1 {
		r.root = doc.Content[0]
	}
	return nil
}

func (r *reader) newDoubt(n *yaml.Node, what string) error { return &doubt{what, n.Line, n.Column} }

func refuse(n *yaml.Node, format string, args ...any) error {
	return &refusal{fmt.Sprintf(format, args...), n.Line, n.Column}
}
