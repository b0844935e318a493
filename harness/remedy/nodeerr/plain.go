package nodeerr

import (
	"regexp"
	"strings"
)

// readText reads a text line by line: what Node prints of an error, and lines of loggers.
// depth counts how often texts stood in texts.
func (r *reader) readText(text string, depth int) {
	if strings.Contains(text, "\x1b") {
		text = ansi.ReplaceAllString(text, "")
	}
	var before [2]mark // what there was before each of the last two lines
	going := false     // a title's message may go on
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		bare := strings.TrimSpace(line)
		switch {
		case bare == "":
			continue
		case strings.Trim(bare, "^") == "" && len(bare) < len(line)+1:
			r.forget(before[0]) // the lines above are source code
			continue
		case isFrame(bare):
			r.readFrame(bare)
			going = false
			continue
		case nativeFrame.MatchString(bare):
			going = false // it names the script, whose name says nothing: server.js
			continue
		}
		before[0], before[1] = before[1], mark{len(r.plain), len(r.signs), len(r.titles), len(r.servers)}
		body := stripPrefix(bare)
		if at := findJSON(body); at >= 0 && depth < 3 {
			if at > 0 {
				r.readMessage(body[:at])
			}
			r.readJSON(body[at:], depth+1)
			going = false
			continue
		}
		going = r.readLine(line, body, going)
	}
}

// mark is how much a reader has gathered.
type mark struct{ plain, signs, titles, servers int }

// forget drops what was gathered since a mark: it was source code above a caret.
func (r *reader) forget(m mark) {
	r.plain, r.signs = r.plain[:min(m.plain, len(r.plain))], r.signs[:min(m.signs, len(r.signs))]
	r.titles, r.servers = r.titles[:min(m.titles, len(r.titles))], r.servers[:min(m.servers, len(r.servers))]
}

// isFrame reports whether a line is a frame of a stack.
func isFrame(bare string) bool { return strings.HasPrefix(bare, "at ") }

// nativeFrame matches a frame below "Native stack trace", where Node and V8 abort:
// "12: 0x129ef8d  [node /srv/server.js]".
var nativeFrame = regexp.MustCompile(`^\d+: 0x[0-9a-f]+ `)

// readFrame notes whose code an error was thrown in, and whether that was while a module was
// loaded (lib/internal/modules): code that runs then has waited for nobody.
func (r *reader) readFrame(bare string) {
	r.frames++
	if r.frames == 1 {
		r.foreign = strings.Contains(bare, "/node_modules/")
	}
	if strings.Contains(bare, "node:internal/modules/") && !strings.HasPrefix(bare, "at async ") {
		r.loading = true
	}
	r.asked = r.asked || strings.Contains(bare, "(node:child_process:") // execSync and its like
}

// readLine reads a line that is neither a frame nor JSON. going says that the lines before
// were an error's message, which may have several; so does what it returns.
func (r *reader) readLine(line, body string, going bool) bool {
	if key, value, ok := cutProperty(body); ok && (line[0] == ' ' || line[0] == '\t' || line[0] == '{') {
		return r.readProperty(key, value)
	}
	if name, message, ok := cutTitle(body); ok {
		r.addTitle(name, message)
		return true
	}
	if line[0] == ' ' && (body[0] == '\'' || body[0] == '"') {
		return false // an element of a list: a client's settings may be codes
	}
	if going && len(r.titles) > 0 {
		t := &r.titles[len(r.titles)-1]
		if len(t.message) < MaxError {
			t.message += "\n" + body
		}
		r.readCodes(body)
		r.readServers(body)
		return true
	}
	r.readMessage(body)
	return false
}

// readMessage reads a line of plain words.
func (r *reader) readMessage(body string) {
	if body = strings.TrimSpace(body); body == "" {
		return
	}
	r.plain = append(r.plain, body)
	// "Startup failed: Error: connect ...": a title may stand within a line.
	if i := strings.Index(body, "Error: "); i > 0 {
		start := strings.LastIndexAny(body[:i], " [(") + 1
		r.addTitle(body[start:i+len("Error")], body[i+len("Error: "):])
		return
	}
	r.readCodes(body)
	r.readServers(body)
}

// addTitle notes an error's name and message.
func (r *reader) addTitle(name, message string) {
	if code, rest, ok := cutCode(name); ok {
		name = rest
		r.addCode(code)
	}
	r.titles = append(r.titles, title{name, Clip(message, MaxError)})
	r.readCodes(message)
	r.readServers(message)
}

// readProperty reads a line "key: value" of an error that Node printed, and reports whether
// it begins another error.
func (r *reader) readProperty(key, value string) bool {
	value = strings.TrimRight(value, ",")
	switch key = strings.Trim(key, "[]'\""); key {
	case "code", "errno", "sqlState", "sqlstate", "status", "statusCode", "responseCode", "codeName", "errorCode", "severity":
		r.addValue(key, strings.Trim(value, "'\"` "))
		return false
	case "address", "host", "hostname", "path", "port":
		r.addPlace(key, strings.Trim(value, "'\"` "))
		return false
	case "syscall":
		r.addSyscall(strings.Trim(value, "'\"` "))
		return false
	case "stack", "cause", "errors", "message", "sqlMessage", "reason", "error", "err", "original", "parent", "originalError", "detail", "details", "description":
	default:
		// A driver's own name for the error within; whatever else an object has tells nothing.
		if name, message, ok := cutTitle(strings.Trim(value, "[]{' ")); ok && strings.HasSuffix(name, "Error") {
			r.addTitle(name, message)
			return true
		}
		return false
	}
	value = strings.Trim(value, "[]{'\"` ")
	if value == "" || value == "undefined" || value == "null" {
		return false
	}
	if name, message, ok := cutTitle(value); ok {
		r.addTitle(name, message)
		return true
	}
	if key == "message" || key == "sqlMessage" || key == "detail" || key == "details" || key == "reason" {
		r.addTitle("", value)
	}
	return false
}

// addValue notes the value of a property that holds a code or a number.
func (r *reader) addValue(key, value string) {
	if c := classifyNumber(key, value); c != Unknown {
		r.signs = append(r.signs, sign{c, value})
		return
	}
	r.addCode(value)
}

// addCode notes a code that stands where one is expected.
func (r *reader) addCode(code string) {
	if c := classifyCode(code); c != Unknown {
		r.signs = append(r.signs, sign{c, code})
	}
}

// readCodes notes the codes that stand in words. A SQLSTATE there might be any number.
func (r *reader) readCodes(text string) {
	if code := findSpawnCode(text); code != "" {
		r.signs = append(r.signs, sign{NoCommand, code})
		return
	}
	for word := range splitWords(text) {
		if len(word) < 4 || !isUpper(word[0]) || !isUpper(word[1]) && (word[1] < '0' || word[1] > '9') && word[0] != 'N' {
			continue
		}
		if word == "ENOENT" && strings.Contains(text, "connect ENOENT") {
			r.signs = append(r.signs, sign{Refused, word}) // a Unix socket that is not there
			continue
		}
		r.addCode(word)
	}
}

// addSyscall notes that it is a command that is not there, and no file.
func (r *reader) addSyscall(name string) {
	if strings.HasPrefix(name, "spawn") && r.hasSign(NoFile) {
		r.signs = append(r.signs, sign{NoCommand, "ENOENT"})
	}
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// findSpawnCode returns why a text says that a command could not be started, "" if it does not:
// "spawn NAME ENOENT" (lib/internal/child_process.js), "sh: 1: NAME: not found". ENOENT: it is not
// there; EACCES: it may not be executed; ENOEXEC: it is no program of this machine; E2BIG: its
// arguments or its environment are too large.
func findSpawnCode(text string) string {
	if strings.HasPrefix(text, "sh: ") && strings.HasSuffix(text, ": not found") {
		return "ENOENT"
	}
	if _, after, ok := strings.Cut(text, "spawn "); ok {
		for _, code := range [...]string{"ENOENT", "EACCES", "ENOEXEC", "ENOTDIR", "E2BIG"} {
			if strings.Contains(after, code) {
				return code
			}
		}
	}
	return ""
}
