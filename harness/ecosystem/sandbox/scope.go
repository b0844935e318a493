package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dop251/goja"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// findScope returns the package.json of the package that the file is in, and its text; ""
// if there is none. A package within node_modules ends the search.
func findScope(file string) (name string, text []byte) {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		name := filepath.Join(dir, "package.json")
		if text, err := os.ReadFile(name); err == nil {
			return name, text
		}
		if dir == filepath.Dir(dir) || filepath.Base(dir) == "node_modules" {
			return "", nil
		}
	}
}

// parsePackageType returns the "type" that the text of a package.json has, "" if it says none.
func parsePackageType(text []byte) string {
	var p struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(text, &p) != nil {
		return ""
	}
	return p.Type
}

// readScope returns the text of the package.json of the package that a file is in, nil if
// there is none. It throws what Node throws where it cannot read that: when it loads a file
// with the extension .js, and when a file requires another one that is not Node's own.
func (m *machine) readScope(file string) []byte {
	name, text := findScope(file)
	if name == "" {
		return nil
	}
	text = stripByteOrderMark(text)
	at, broken := findBreak(text, m.req.Target)
	if !broken {
		return text
	}
	line := 1 + strings.Count(string(text[:at]), "\n")
	col := at - strings.LastIndex(string(text[:at]), "\n")
	class := goja.Value(m.syntax)
	if m.req.Target.NodeAtLeast("22.0.0") {
		class = m.vm.Get("Error")
	}
	e, err := m.vm.New(class, m.vm.ToValue(fmt.Sprintf("Error parsing %s: it is no JSON from line %d, column %d on", name, line, col)))
	if err != nil {
		panic(convertThrown(m, err))
	}
	panic(e)
}

// stripByteOrderMark returns a text without the byte order mark, which Node leaves out.
func stripByteOrderMark(text []byte) []byte {
	return []byte(strings.TrimPrefix(string(text), "\ufeff"))
}

// findBreak returns where a package.json is one that the target's Node refuses, in bytes.
// Up to Node 21 that is a text that is no JSON. Later ones (seen: 22.23, 24.21, 26.10)
// read the outermost object only, and pass over what is within its values.
func findBreak(text []byte, t ecosystem.Target) (at int, broken bool) {
	var v any
	err := json.Unmarshal(text, &v)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		at = max(0, min(int(syntax.Offset)-1, len(text)))
	case err != nil:
		return 0, false // too deep, or a number too large
	}
	if !t.NodeAtLeast("22.0.0") {
		return at, err != nil
	}
	s := outline{text: string(text)}
	if s.scanObject() {
		return 0, false
	}
	return s.at, true
}

// outline reads the outermost object of a text.
type outline struct {
	text string
	at   int
}

// scanObject reports whether the whole text is an object, as far as its keys, the
// brackets and the strings of its values, and the commas between them show.
func (s *outline) scanObject() bool {
	if !s.skipByte('{') {
		return false
	}
	if s.skipByte('}') {
		return s.isAtEnd()
	}
	for {
		if !s.skipString() || !s.skipByte(':') || !s.skipValue() {
			return false
		}
		if s.skipByte('}') {
			return s.isAtEnd()
		}
		if !s.skipByte(',') {
			return false
		}
	}
}

// isAtEnd reports whether nothing follows but blanks.
func (s *outline) isAtEnd() bool {
	s.skipBlanks()
	return s.at == len(s.text)
}

func (s *outline) skipBlanks() {
	s.at = len(s.text) - len(strings.TrimLeft(s.text[s.at:], " \t\r\n"))
}

// skipByte goes over the character, if that comes next, and reports whether it did.
func (s *outline) skipByte(c byte) bool {
	if s.skipBlanks(); s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// skipString goes over a string, which holds no control character, and reports whether
// there was one.
func (s *outline) skipString() bool {
	if !s.skipByte('"') {
		return false
	}
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return true
		case c == '\\':
			s.at++
		case c < ' ':
			return false
		}
	}
	return false
}

// skipValue goes over a value, to the comma or the bracket after it, and reports whether
// there was one.
func (s *outline) skipValue() bool {
	if s.skipBlanks(); s.at < len(s.text) && strings.IndexByte(",}]:", s.text[s.at]) >= 0 {
		return false
	}
	depth := 0
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case '"':
			if !s.skipString() {
				return false
			}
			if depth == 0 {
				return true
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return true
			}
			depth--
		case ',':
			if depth == 0 {
				return true
			}
		}
		s.at++
	}
	return false
}
