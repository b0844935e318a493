package nodeerr

import (
	"strconv"
	"strings"
	"unicode"
)

// readJSON reads a line of JSON as a row of keys and values, in their order and whatever their
// depth: all that matters is which key a value has. A line that was cut off is read as far
// as it goes.
func (r *reader) readJSON(line string, depth int) {
	key := ""
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == '"':
			value, next := cutString(line, i)
			i = next
			if i < len(line) && line[i] == ':' {
				key = value
				i++
				continue
			}
			r.readValue(key, value, depth)
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(line) && (line[end] == '.' || line[end] >= '0' && line[end] <= '9') {
				end++
			}
			r.readNumber(key, line[i:end])
			i = end
		default:
			i++
		}
	}
	if r.property != "" {
		r.addTitle(r.property, "") // an error of which only its name was kept
		r.property = ""
	}
}

// findJSON returns where the JSON of a log line begins, -1 where there is none: PM2 and loggers
// put a little before it.
func findJSON(line string) int {
	if i := strings.Index(line, "{\""); i < maxPrefix {
		return i
	}
	return -1
}

// maxPrefix is how many bytes may stand before the JSON of a line.
const maxPrefix = 80

// isLoggedError reports whether a text is JSON of a logger that holds an error, or says at
// a level of errors what it says.
func isLoggedError(text string) bool {
	return findJSON(strings.TrimSpace(text)) >= 0 && Read(text).Error
}

// IsLogged reports whether a line of a log tells of an error: JSON of a logger that does, or a
// line that begins with an error's name or with a level of errors.
func IsLogged(text string) bool {
	if len(text) > longest {
		text = text[:longest]
	}
	first := strings.TrimSpace(text)
	if i := strings.IndexByte(first, '\n'); i >= 0 {
		first = first[:i]
	}
	if findJSON(first) >= 0 {
		return Read(text).Error
	}
	if strings.IndexByte(first, 0x1b) >= 0 {
		first = ansi.ReplaceAllString(first, "")
	}
	_, _, titled := cutTitle(stripPrefix(first))
	return titled || hasLevelFirst(first)
}

// hasLevelFirst reports whether a line has a level of errors among its first four words, numbers,
// dates and times not counted: ERROR, [error], error:, level=error.
func hasLevelFirst(line string) bool {
	for words := 0; words < 4; {
		word, rest, found := strings.Cut(strings.TrimSpace(line), " ")
		if isLevelWord(word) {
			return true
		}
		if !found {
			return false
		}
		if strings.ContainsFunc(word, unicode.IsLetter) {
			words++
		}
		line = rest
	}
	return false
}

// isLevelWord reports whether a word of a line is a level of errors. In small letters it must
// look like one: apps speak of errors in prose, too.
func isLevelWord(word string) bool {
	bare := strings.Trim(word, "[]()<>:,-|!")
	if key, value, ok := strings.Cut(bare, "="); ok {
		switch strings.ToLower(key) {
		case "level", "lvl", "severity", "loglevel", "log.level":
			return isErrorLevel(strings.Trim(value, `"'`))
		}
		return false
	}
	marked := strings.HasPrefix(word, "[") || strings.HasPrefix(word, "<") || strings.HasSuffix(word, ":")
	return isErrorLevel(bare) && (marked || bare == strings.ToUpper(bare))
}

// readHeadline returns what a line of JSON says went wrong, the outermost error if it holds one,
// and any other line as it is.
func readHeadline(line string) string {
	at := findJSON(line)
	if at < 0 {
		return line
	}
	var r reader
	r.readJSON(line[at:], 1)
	switch {
	case len(r.titles) > 0 && r.titles[0].name != "":
		first, _, _ := strings.Cut(r.titles[0].message, "\n")
		return strings.TrimSuffix(r.titles[0].name+": "+first, ": ")
	case len(r.plain) > 0:
		return r.plain[len(r.plain)-1]
	}
	return line
}

// cutString cuts the string of JSON that begins at i, and returns where the rest begins.
func cutString(line string, i int) (value string, next int) {
	end := i + 1
	escaped := false
	for end < len(line) && line[end] != '"' {
		if line[end] == '\\' {
			escaped = true
			end++
		}
		end++
	}
	end = min(end, len(line))
	raw := line[i+1 : end]
	if escaped {
		raw = unescape(raw)
	}
	return raw, min(end+1, len(line))
}

// unescape undoes the escapes of a JSON string; those that it does not know stay.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
		case 'u':
			if i+4 < len(s) {
				if n, err := strconv.ParseUint(s[i+1:i+5], 16, 32); err == nil {
					b.WriteRune(rune(n))
				}
				i += 4
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// readValue reads a string of JSON under its key.
func (r *reader) readValue(key, value string, depth int) {
	switch key {
	case "code", "errno", "sqlState", "codeName", "errorCode", "originalCode", "sqlstate":
		r.addValue(key, value)
		return
	case "address", "host", "hostname", "port", "path":
		if key != "hostname" || !r.isLogger() {
			r.addPlace(key, value)
		}
		return
	case "syscall":
		r.addSyscall(value)
		return
	case "type", "name":
		if isErrorName(value) {
			r.property = value
		}
		return
	case "level", "severity", "lvl", "levelname", "log.level", "loglevel":
		r.level = r.level || isErrorLevel(value)
		return
	}
	if !isTextKey(key) || value == "" || classifyCode(value) != Unknown {
		return // a code alone is a setting: got lists those on which it retries
	}
	if depth < 3 && (strings.Contains(value, "\n") || strings.HasPrefix(value, "{\"")) {
		r.readText(value, depth)
		return
	}
	if name, message, ok := cutTitle(value); ok {
		r.addTitle(name, message)
		return
	}
	if r.property != "" && key == "message" {
		r.addTitle(r.property, value)
		r.property = ""
		return
	}
	r.readMessage(value)
}

// isLogger reports whether a host name that comes now is that of the logging host, which
// bunyan and pino put before the error, and not one that was looked up.
func (r *reader) isLogger() bool { return len(r.titles) == 0 && len(r.signs) == 0 }

// readNumber reads a number of JSON under its key.
func (r *reader) readNumber(key, value string) {
	switch key {
	case "level":
		// pino's and bunyan's: 50 is an error, 60 is fatal.
		n, err := strconv.Atoi(value)
		r.level = r.level || err == nil && n >= 50 && n < 100
	case "port":
		r.addPlace(key, value)
	default:
		if c := classifyNumber(key, value); c != Unknown {
			r.signs = append(r.signs, sign{c, value})
		}
	}
}

// isErrorLevel reports whether a logger's level, in words, is that of an error.
func isErrorLevel(level string) bool {
	switch strings.ToLower(level) {
	case "error", "err", "fatal", "critical", "crit", "emerg", "emergency", "alert", "severe", "panic":
		return true
	}
	return false
}

// isTextKey reports whether a key of a log line holds words about an error: what the common
// loggers call the message, the error and its parts.
func isTextKey(key string) bool {
	switch key {
	case "msg", "message", "text", "log", "reason", "details", "detail", "description", "trace", "title":
		return true
	}
	lower := strings.ToLower(key)
	for _, part := range [...]string{"err", "exception", "stack", "cause", "message"} {
		if strings.Contains(lower, part) {
			return true
		}
	}
	return false
}
