package handler

import (
	"bytes"
	"slices"
)

// mask returns the source with spaces in the place of comments, strings, templates and regular
// expressions, so that what is left is code, byte for byte where it was. Newlines stay.
func mask(source []byte) []byte { return blank(source, true) }

// maskComments returns the source with spaces in the place of comments alone.
func maskComments(source []byte) []byte { return blank(source, false) }

func blank(source []byte, texts bool) []byte {
	out := slices.Clone(source)
	for i := 0; i < len(out); {
		end, comment := i, false
		switch c := source[i]; {
		case i == 0 && bytes.HasPrefix(source, []byte("#!")), bytes.HasPrefix(source[i:], []byte("//")):
			end, comment = until(source, i, "\n"), true
		case bytes.HasPrefix(source[i:], []byte("/*")):
			end, comment = until(source, i+2, "*/")+2, true
		case c == '"' || c == '\'':
			end = quoted(source, i+1, c, false)
		case c == '`':
			end = literal(source, i+1)
		case c == '/' && beginsRegexp(out[:i]):
			end = quoted(source, i+1, '/', true)
		}
		if end == i {
			i++
			continue
		}
		end = min(end, len(out))
		for ; i < end; i++ {
			if out[i] != '\n' && (texts || comment) {
				out[i] = ' '
			}
		}
	}
	return out
}

// until is where the mark begins, from i on; the end of the source if it does not.
func until(source []byte, i int, mark string) int {
	if n := bytes.Index(source[min(i, len(source)):], []byte(mark)); n >= 0 {
		return i + n
	}
	return len(source)
}

// quoted is behind the quote that ends a text, or a regular expression with its classes. One
// that does not end on its line ends with the line.
func quoted(source []byte, i int, quote byte, classes bool) int {
	for class := false; i < len(source) && source[i] != '\n'; i++ {
		switch c := source[i]; {
		case c == '\\':
			i++
		case classes && c == '[':
			class = true
		case classes && c == ']':
			class = false
		case c == quote && !class:
			return i + 1
		}
	}
	return i
}

// literal is behind the template literal whose text begins at i, with all that stands within
// its ${}.
func literal(source []byte, i int) int {
	for ; i < len(source); i++ {
		switch {
		case source[i] == '\\':
			i++
		case source[i] == '`':
			return i + 1
		case bytes.HasPrefix(source[i:], []byte("${")):
			i = expression(source, i+2)
		}
	}
	return i
}

// expression is at the brace that ends the ${ whose content begins at i.
func expression(source []byte, i int) int {
	for depth := 0; i < len(source); i++ {
		switch c := source[i]; {
		case c == '{':
			depth++
		case c == '}' && depth == 0:
			return i
		case c == '}':
			depth--
		case c == '`':
			i = literal(source, i+1) - 1
		case c == '"' || c == '\'':
			i = quoted(source, i+1, c, false) - 1
		}
	}
	return i
}

// beginsRegexp reports whether a slash behind this code begins a regular expression: after a
// value it divides.
func beginsRegexp(before []byte) bool {
	before = bytes.TrimRight(before, " \t\r\n")
	if len(before) == 0 {
		return true
	}
	if last := before[len(before)-1]; !isWordByte(last) {
		return last != ')' && last != ']' && last != '"' && last != '\''
	}
	return slices.Contains([]string{"return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "new", "await", "yield"}, lastWord(before))
}

// lastWord is the identifier or keyword that the code ends with, "" if it ends otherwise.
func lastWord(code []byte) string {
	i := len(code)
	for i > 0 && isWordByte(code[i-1]) {
		i--
	}
	return string(code[i:])
}

// isWordByte reports whether the byte may stand in an identifier.
func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
