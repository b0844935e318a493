package handler

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// source is one file of the app's code.
type source struct {
	name   string // relative to the project's folder
	text   []byte
	code   []byte // text, masked
	module bool   // an ES module, or TypeScript that is written as one
}

// mostSources bounds the files that are searched.
const mostSources = 300

// sources are the entry script and what it loads of the project's own, nearest first.
func (a App) sources() []source {
	var out []source
	seen := map[string]bool{}
	for todo := []string{path.Clean(a.Entry)}; len(todo) > 0 && len(out) < mostSources; todo = todo[1:] {
		name, text, ok := a.resolve(todo[0])
		if !ok || seen[name] {
			continue
		}
		seen[name] = true
		s := source{name: name, text: text, code: mask(text)}
		s.module = a.isModule(s)
		out = append(out, s)
		for _, to := range relative(s.text, s.code) {
			todo = append(todo, path.Join(path.Dir(name), to))
		}
	}
	return out
}

// endings are those of files of code, in the order in which they are tried.
func endings() []string {
	return []string{".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", "/index.js", "/index.mjs", "/index.cjs", "/index.ts"}
}

// resolve finds the file of a module of the project's own. TypeScript names a file by what it is
// compiled to.
func (a App) resolve(name string) (string, []byte, bool) {
	if strings.HasPrefix(name, "../") || path.IsAbs(name) || slices.Contains(strings.Split(name, "/"), "node_modules") {
		return "", nil, false
	}
	tries := []string{name}
	if ext := path.Ext(name); strings.HasSuffix(ext, "js") {
		tries = append(tries, strings.TrimSuffix(name, ext)+strings.Replace(ext, "js", "ts", 1))
	}
	for _, e := range endings() {
		tries = append(tries, name+e)
	}
	for _, try := range tries {
		if text, ok := a.Read(try); ok && isCode(try, text) {
			return try, text, true
		}
	}
	return "", nil, false
}

// isCode reports whether a file is JavaScript or TypeScript by its name, or by its first line,
// as a script without an ending has it.
func isCode(name string, text []byte) bool {
	switch path.Ext(name) {
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts":
		return true
	case "":
		line, _, _ := bytes.Cut(text, []byte("\n"))
		return bytes.HasPrefix(line, []byte("#!")) && bytes.Contains(line, []byte("node"))
	}
	return false
}

func (s source) typeScript() bool { return strings.HasSuffix(path.Ext(s.name), "ts") }

// isModule reports whether Node takes the file for an ES module: by its ending, by its
// package.json, or by what it says (Node 22.7 and later).
func (a App) isModule(s source) bool {
	switch path.Ext(s.name) {
	case ".mjs", ".ts", ".mts", ".cts":
		return true
	case ".cjs":
		return false
	}
	for dir := path.Dir(s.name); ; dir = path.Dir(dir) {
		if text, ok := a.Read(path.Join(dir, "package.json")); ok {
			var p struct{ Type string }
			if json.Unmarshal(text, &p) == nil && p.Type != "" {
				return p.Type == "module"
			}
			break
		}
		if dir == "." {
			break
		}
	}
	return moduleSyntax.Match(s.code)
}

// moduleSyntax is a statement that only an ES module has.
var moduleSyntax = regexp.MustCompile(`(?m)^\s*(?:import\s*[\w{*]|import\s+from|export\s+(?:default|const|let|var|function|class|async|\{))`)

// compiled reports whether a build has written the file.
func (s source) compiled() bool {
	first, _, _ := strings.Cut(s.name, "/")
	return first != s.name && slices.Contains([]string{"dist", "build", ".next", ".nuxt", ".output", "out-tsc"}, first)
}

// place is FILE:LINE of a byte.
func (s source) place(at int) string {
	return fmt.Sprintf("%s:%d", s.name, 1+bytes.Count(s.text[:at], []byte("\n")))
}

// using is the file with its calls handed to the handler of the file name.
func (s source) using(name string, f framework, calls []call) []byte {
	out := slices.Clone(s.text)
	slices.SortFunc(calls, func(a, b call) int { return b.whole.from - a.whole.from })
	for _, c := range calls {
		at := c.receiver
		if f.wraps {
			at = c.whole
		}
		out = slices.Concat(out[:at.from], []byte("drainOnSigint("), out[at.from:at.to], []byte(")"), out[at.to:])
	}
	at := s.firstCode()
	return slices.Concat(out[:at], []byte(s.loading(name)), out[at:])
}

// firstCode is the begin of the first line of code, behind comments and directives.
func (s source) firstCode() int {
	at := 0
	for line := range bytes.Lines(s.code) {
		if len(bytes.Trim(line, " \t\r\n;")) > 0 {
			break
		}
		at += len(line)
	}
	return at
}

// loading is the line that loads the handler's file, as the file writes such lines.
func (s source) loading(name string) string {
	from, err := relativeTo(path.Dir(s.name), name)
	if err != nil {
		from = name
	}
	if s.typeScript() {
		from = s.spelled(from)
	}
	line := fmt.Sprintf("import drainOnSigint from '%s'", from)
	if !s.module {
		line = fmt.Sprintf("const drainOnSigint = require('%s')", from)
	}
	if bytes.Contains(s.code, []byte(";\n")) || bytes.Contains(s.code, []byte(";\r\n")) {
		line += ";"
	}
	if bytes.Contains(s.text, []byte("\r\n")) {
		line += "\r"
	}
	return line + "\n"
}

// spelled is how a file of TypeScript names another one: as it names others.
func (s source) spelled(name string) string {
	for _, other := range relative(s.text, s.code) {
		switch path.Ext(other) {
		case ".js", ".mjs", ".cjs":
			return strings.TrimSuffix(name, path.Ext(name)) + strings.Replace(path.Ext(name), "ts", "js", 1)
		case ".ts", ".mts", ".cts":
			return name
		default:
			return strings.TrimSuffix(name, path.Ext(name))
		}
	}
	return name
}

// relativeTo is how a file in dir names another one of the project.
func relativeTo(dir, name string) (string, error) {
	up := ""
	for dir != "." && !strings.HasPrefix(name, dir+"/") {
		if dir == ".." || strings.HasPrefix(dir, "../") {
			return "", fmt.Errorf("cannot name %s from outside", name)
		}
		up, dir = up+"../", path.Dir(dir)
	}
	if dir != "." {
		name = strings.TrimPrefix(name, dir+"/")
	}
	if up == "" {
		up = "./"
	}
	return up + name, nil
}
