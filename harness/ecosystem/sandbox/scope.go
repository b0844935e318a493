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

// scopeOf is the package.json of the package that the file is in, and its text; "" if
// there is none. A package within node_modules ends the search.
func scopeOf(file string) (name string, text []byte) {
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

// packageType returns the "type" that the text of a package.json has, "" if it says none.
func packageType(text []byte) string {
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
	name, text := scopeOf(file)
	if name == "" {
		return nil
	}
	text = withoutMark(text)
	at, broken := brokenAt(text, m.req.Target)
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
		panic(rethrown(m, err))
	}
	panic(e)
}

// withoutMark is a text without the byte order mark, which Node leaves out.
func withoutMark(text []byte) []byte { return []byte(strings.TrimPrefix(string(text), "\ufeff")) }

// brokenAt is where a package.json is one that the target's Node refuses, in bytes. Up to
// Node 21 that is a text that is no JSON. Later ones (seen: 22.23, 24.21, 26.10) read the
// outermost object only, and pass over what is within its values.
func brokenAt(text []byte, t ecosystem.Target) (at int, broken bool) {
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
	if s.object() {
		return 0, false
	}
	return s.at, true
}

// outline reads the outermost object of a text.
type outline struct {
	text string
	at   int
}

// object reports whether the whole text is an object, as far as its keys, the brackets
// and the strings of its values, and the commas between them show.
func (s *outline) object() bool {
	if !s.takes('{') {
		return false
	}
	if s.takes('}') {
		return s.ends()
	}
	for {
		if !s.quoted() || !s.takes(':') || !s.value() {
			return false
		}
		if s.takes('}') {
			return s.ends()
		}
		if !s.takes(',') {
			return false
		}
	}
}

// ends reports whether nothing comes any more.
func (s *outline) ends() bool {
	s.blanks()
	return s.at == len(s.text)
}

func (s *outline) blanks() {
	s.at = len(s.text) - len(strings.TrimLeft(s.text[s.at:], " \t\r\n"))
}

// takes goes over the character, if that comes next.
func (s *outline) takes(c byte) bool {
	if s.blanks(); s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// quoted goes over a string, which holds no control character.
func (s *outline) quoted() bool {
	if !s.takes('"') {
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

// value goes over a value: to where the comma or the bracket after it stands.
func (s *outline) value() bool {
	if s.blanks(); s.at < len(s.text) && strings.IndexByte(",}]:", s.text[s.at]) >= 0 {
		return false
	}
	depth := 0
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case '"':
			if !s.quoted() {
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
