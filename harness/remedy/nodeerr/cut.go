package nodeerr

import "strings"

// cutTitle cuts a line that begins with an error's name, with or without a code in brackets:
// "Name [CODE]: message". Words that a nested error begins with are left out.
func cutTitle(line string) (name, message string, ok bool) {
	for _, before := range [...]string{"Uncaught ", "Caused by: ", "[cause]: ", "Unhandled rejection ", "- ", "[", "{ [", "FATAL ERROR: "} {
		if before == "FATAL ERROR: " && strings.HasPrefix(line, before) {
			return "FATAL ERROR", line[len(before):], true
		}
		line = strings.TrimPrefix(line, before)
	}
	end := 0
	for end < len(line) && isNameByte(line[end]) {
		end++
	}
	name, rest := line[:end], line[end:]
	if strings.HasPrefix(rest, " [") {
		if i := strings.IndexByte(rest, ']'); i > 0 && i < 60 {
			name += rest[:i+1]
			rest = rest[i+1:]
		}
	}
	switch {
	case !isErrorName(line[:end]):
		return "", "", false
	case rest == "" || rest == "]" || rest == "{" || rest == " {":
		return name, "", true
	case rest[0] == ':':
		return name, strings.TrimSpace(rest[1:]), true
	}
	return "", "", false
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c == '.'
}

// isErrorName reports whether a word is an error's name: it ends as such names do, or is
// several words written as one, as KafkaJSNumberOfRetriesExceeded is.
func isErrorName(word string) bool {
	if len(word) < 4 || word[0] >= '0' && word[0] <= '9' {
		return false
	}
	for _, end := range [...]string{"Error", "Exception", "Exceeded", "Failure", "Timeout", "Rejection", "Warning"} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return word == "error" || word == "DOMException"
}

// cutCode cuts "Name [CODE]" into its parts.
func cutCode(name string) (code, rest string, ok bool) {
	i := strings.IndexByte(name, '[')
	if i < 0 || !strings.HasSuffix(name, "]") {
		return "", name, false
	}
	return name[i+1 : len(name)-1], strings.TrimSpace(name[:i]), true
}

// cutProperty cuts a line "key: value" as util.inspect prints an object's property.
func cutProperty(body string) (key, value string, ok bool) {
	body = strings.TrimPrefix(body, "{ ")
	key, value, ok = strings.Cut(body, ": ")
	if !ok {
		return "", "", false
	}
	for _, c := range []byte(key) {
		if !isNameByte(c) && c != '[' && c != ']' && c != '\'' && c != '"' {
			return "", "", false
		}
	}
	return key, value, key != "" && !isErrorName(key)
}

// stripPrefix takes from a line what PM2 and loggers put before: "0|app  | ", a time, a level.
func stripPrefix(line string) string {
	body := line
	if i := strings.Index(body, "|"); i > 0 && i < 4 && isDigits(body[:i]) {
		if j := strings.Index(body[i+1:], "| "); j >= 0 && j < 40 {
			body = strings.TrimSpace(body[i+j+3:])
		}
	}
	for {
		rest, ok := stripWord(body)
		if !ok {
			return body
		}
		body = rest
	}
}

// stripWord takes one time or level from the front of a line.
func stripWord(body string) (rest string, ok bool) {
	word, rest, found := strings.Cut(body, " ")
	if !found {
		return body, false
	}
	bare := strings.Trim(word, "[]():,-")
	switch {
	case bare == "" && len(word) == 1 && (word == "-" || word == ":"):
	case len(bare) >= 5 && isStamp(bare):
	case isLevel(bare):
	default:
		return body, false
	}
	return strings.TrimSpace(rest), true
}

// isStamp reports whether a word is a date or a time: it begins with a digit and has no
// letters but T, Z and those of no zone.
func isStamp(word string) bool {
	marks := 0
	for _, c := range []byte(word) {
		switch {
		case c >= '0' && c <= '9', c == 'T', c == 'Z', c == '.', c == ',', c == '+', c == '/':
		case c == '-', c == ':':
			marks++
		default:
			return false
		}
	}
	return word[0] >= '0' && word[0] <= '9' && marks > 0
}

// isLevel reports whether a word is a logger's level in capitals, as most plain formats have it.
func isLevel(word string) bool {
	switch word {
	case "ERROR", "ERR", "FATAL", "CRITICAL", "WARN", "WARNING", "INFO", "DEBUG", "TRACE", "LOG":
		return true
	}
	return false
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
