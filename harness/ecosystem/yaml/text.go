package yaml

import (
	"strings"
	"unicode/utf8"
)

// decode makes text of bytes as Buffer.toString does: U+FFFD stands for what is no UTF-8.
// It drops a byte order mark at the beginning, as js-yaml does.
func decode(source []byte) (string, error) {
	if len(source) > largestText {
		return "", &doubt{"more than 1 MiB of YAML", 1, 1}
	}
	var b strings.Builder
	for i := 0; i < len(source); {
		c, size := utf8.DecodeRune(source[i:])
		if c == utf8.RuneError && size == 1 && source[i] >= 0xC2 && i+1 < len(source) && source[i+1]&0xC0 == 0x80 {
			// Node puts one U+FFFD for the whole of a sequence that is cut short.
			line, col := computePlaceAfter(b.String())
			return "", &doubt{"bytes that are no UTF-8", line, col}
		}
		b.WriteRune(c)
		i += size
	}
	if text := b.String(); text != "" && !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\r") {
		b.WriteByte('\n') // js-yaml does the same
	}
	return strings.TrimPrefix(b.String(), "\ufeff"), nil
}

// computePlaceAfter returns the line and column that follow a text, from 1.
func computePlaceAfter(before string) (line, col int) {
	lines := splitLines(before)
	return len(lines), utf8.RuneCountInString(lines[len(lines)-1]) + 1
}

// splitLines splits at LF, CR and CRLF.
func splitLines(text string) []string {
	return strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
}

// inspect looks for characters that the parser and js-yaml treat differently.
func (r *reader) inspect() error {
	r.ascii = make([]bool, len(r.lines))
	for i, line := range r.lines {
		r.ascii[i] = utf8.RuneCountInString(line) == len(line)
		for at, c := range line {
			col := func() int { return utf8.RuneCountInString(line[:at]) + 1 }
			switch {
			case c == 0:
				return &refusal{"the text has a NUL byte", i + 1, col()}
			case c < 0x20 && c != '\t', c >= 0x7F && c < 0xA0, c == 0x2028, c == 0x2029, c == 0xFEFF, c&0xFFFE == 0xFFFE:
				return &doubt{"a control character", i + 1, col()}
			}
		}
	}
	return nil
}
