package handler

import (
	"bytes"
	"regexp"
	"slices"
)

// span is a part of a source, from its first byte to the one behind it.
type span struct{ from, to int }

// call is a call that makes a server listen.
type call struct {
	whole    span // with await and new
	receiver span // what has the method; empty of a function
}

// findCalls returns the calls of the method in the code, or of the function where the name has no
// dot before it. ok is false if one of them cannot be told from what stands around it.
func findCalls(code []byte, f framework) (found []call, ok bool) {
	for _, at := range f.calls.FindAllIndex(code, -1) {
		end, closed := closing(code, at[1]-1)
		if !closed {
			return nil, false
		}
		c := call{whole: span{at[0], end + 1}}
		if !f.function {
			c.whole.from = receiver(code, at[0])
			c.receiver = span{c.whole.from, at[0]}
			if c.whole.from == at[0] {
				return nil, false
			}
		} else if at[0] > 0 && (isWordByte(code[at[0]-1]) || code[at[0]-1] == '.') {
			continue
		}
		if before := bytes.TrimRight(code[:c.whole.from], " \t\r\n"); lastWord(before) == "await" {
			c.whole.from = len(before) - len("await")
		} else if lastWord(before) == "function" {
			continue
		}
		found = append(found, c)
	}
	return found, true
}

// closing is where the bracket at i is closed.
func closing(code []byte, i int) (int, bool) {
	for depth := 0; i < len(code); i++ {
		switch code[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return i, true
			}
		}
	}
	return 0, false
}

// opening is where the bracket that is closed at i is opened; -1 if nowhere.
func opening(code []byte, i int) int {
	for depth := 0; i >= 0; i-- {
		switch code[i] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// receiver is where the expression begins whose method is called at the dot: names, calls and
// indexes with dots between them, and new.
func receiver(code []byte, dot int) int {
	from := dot
	for end := dot; ; {
		end = skipBack(code, end)
		for end > 0 && (code[end-1] == ')' || code[end-1] == ']') {
			open := opening(code, end-1)
			if open < 0 {
				return from
			}
			from = open
			end = skipBack(code, open)
		}
		word := lastWord(code[:end])
		if word != "" && !slices.Contains(keywords(), word) {
			from = end - len(word)
			end = skipBack(code, from)
		}
		if end == 0 || code[end-1] != '.' {
			if lastWord(code[:end]) == "new" {
				from = end - len("new")
			}
			return from
		}
		end--
		if end > 0 && code[end-1] == '?' {
			end--
		}
	}
}

// skipBack is behind the last byte of code that is not a space.
func skipBack(code []byte, end int) int { return len(bytes.TrimRight(code[:end], " \t\r\n")) }

// keywords are words that may stand before an expression and are no part of it.
func keywords() []string {
	return []string{"return", "await", "typeof", "if", "while", "for", "else", "void", "throw", "case", "in", "of", "yield", "new", "do", "default", "export", "delete"}
}

// imports reports whether the source loads the module.
func imports(source, code []byte, module string) bool {
	pattern := regexp.MustCompile(`\b(?:require\s*\(\s*|import\s*\(\s*|from\s*|import\s*)["'](?:node:)?` + regexp.QuoteMeta(module) + `(?:/[^"']*)?["']`)
	return slices.ContainsFunc(pattern.FindAllIndex(source, -1), func(at []int) bool { return code[at[0]] != ' ' })
}

// relative are the modules of the project's own that the source loads.
func relative(source, code []byte) (names []string) {
	for _, at := range relativeImport.FindAllSubmatchIndex(source, -1) {
		if code[at[0]] != ' ' {
			names = append(names, string(source[at[2]:at[3]]))
		}
	}
	return names
}

var relativeImport = regexp.MustCompile(`\b(?:require\s*\(\s*|import\s*\(\s*|from\s*|import\s*)["'](\.{1,2}(?:/[^"']*)?)["']`)
