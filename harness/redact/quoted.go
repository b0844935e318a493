package redact

import "strings"

// Bounds of a value in quotes or brackets that goes over several lines, in bytes.
const (
	maxQuoted  = 8 << 10
	maxBracket = 16 << 10
)

// findQuoted finds the text in quotes that begins at i, escaped as often as its quote is:
// "a", \"a\" in JSON within JSON. One that does not end ends with its line.
func findQuoted(s string, i int) (from, to int, ok bool) {
	q := skipSlashes(s, i)
	if q >= len(s) || !isQuote(s[q]) {
		return 0, 0, false
	}
	depth, quote := q-i, s[q]
	from = q + 1
	if fence := strings.Repeat(string(quote), 3); strings.HasPrefix(s[q:], fence) {
		if end := strings.Index(s[q+3:min(len(s), q+3+maxQuoted)], fence); end > 0 {
			return q + 3, q + 3 + end, true
		}
	}
	line := -1
	for at := from; at < len(s) && at < from+maxQuoted; at++ {
		switch s[at] {
		case '\n':
			if line < 0 {
				line = at
			}
		case '\\':
			end := skipSlashes(s, at)
			if end < len(s) && s[end] == quote && (end-at)%(2*(depth+1)) == depth {
				return from, at, true
			}
			if end < len(s) && s[end] == quote {
				end++
			}
			at = end - 1
		case quote:
			if depth == 0 {
				return from, at, true
			}
			if line < 0 {
				return from, at, true // less escaped: the text round it ends
			}
		}
	}
	if line < 0 {
		line = len(s)
	}
	return from, line, true
}

// findBracketEnd returns the end of the list or object that begins at i; of one that does
// not end, the end of its line.
func findBracketEnd(s string, i int) int {
	depth := 0
	for at := i; at < len(s) && at < i+maxBracket; at++ {
		switch s[at] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		case '"', '\'', '`':
			if end := strings.IndexByte(s[at+1:min(len(s), at+1+maxQuoted)], s[at]); end >= 0 && !strings.Contains(s[at+1:at+1+end], "\n") {
				for end > 0 && s[at+end] == '\\' && at+end+2 < len(s) { // an escaped one
					next := strings.IndexByte(s[at+end+2:], s[at])
					if next < 0 {
						break
					}
					end += next + 1
				}
				at += end + 1
			}
		}
	}
	if end := strings.IndexByte(s[i:], '\n'); end >= 0 {
		return i + end
	}
	return len(s)
}

// findBlockEnd returns the end of a block of YAML ("key: |" and lines that are further to
// the right than the key), v if there is none.
func findBlockEnd(s string, name, v int) int {
	start := strings.LastIndexByte(s[:name], '\n') + 1
	first := strings.IndexByte(s[v:], '\n')
	if first < 0 || strings.TrimLeft(s[v:v+first], "|>+-0123456789 \t\r") != "" {
		return v
	}
	end := v + first
	for end < len(s) {
		line := s[end+1:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		if strings.TrimSpace(line) != "" && indent <= name-start && indent <= len(s[start:name])-len(strings.TrimLeft(s[start:name], " \t-")) {
			return end
		}
		end += 1 + len(line)
	}
	return len(s)
}
