package nodeerr

import (
	"regexp"
	"strings"
)

// Missing is a file that a process could not load or read.
type Missing struct {
	Name string `json:"name"`           // as the text has it: a path, or the name of a package
	From string `json:"from,omitempty"` // of a module: the file that asks for it
	Data bool   `json:"data,omitempty"` // the file is there, and what is in it is no JSON: it may be half written
}

// maxName bounds the name of a file, in bytes (Linux: PATH_MAX is 4096).
const maxName = 1024

// Patterns of Node's texts about files: lib/internal/errors.js (uvException), and
// lib/internal/modules/cjs/loader.js and esm/resolve.js of modules.
var (
	unread    = regexp.MustCompile(`\b(?:ENOENT|ENOTDIR|EISDIR|EACCES|EPERM)\b[^\n']*\b(?:open|stat|lstat|access|scandir|opendir|readlink|realpath)\s+'([^'\n]+)'`)
	unfound   = regexp.MustCompile(`Cannot find (?:module|package) '([^'\n]+)'(?: imported from ([^\n'"]+))?`)
	requirers = regexp.MustCompile(`Require stack:\s*\n?\s*- ([^\n'"]+)`)
	badJSON   = regexp.MustCompile(`SyntaxError: (/[^\n:]+\.json): `)
)

// FindMissing returns the file that an error text says could not be loaded or read, false if
// it names none.
func FindMissing(text string) (Missing, bool) {
	if !IsAboutFile(text) {
		return Missing{}, false
	}
	text = Clip(strings.ReplaceAll(ansi.ReplaceAllString(text, ""), `\n`, "\n"), longest) // JSON has its own line ends
	var out Missing
	if m := badJSON.FindStringSubmatch(text); m != nil {
		out = Missing{Name: m[1], Data: true}
	} else if m := unfound.FindStringSubmatch(text); m != nil {
		out = Missing{Name: m[1], From: strings.TrimSpace(m[2])}
		if by := requirers.FindStringSubmatch(text); by != nil && out.From == "" {
			out.From = strings.TrimSpace(by[1])
		}
	} else if m := unread.FindStringSubmatch(text); m != nil {
		out.Name = m[1]
	}
	if out.Name == "" || len(out.Name) > maxName || len(out.From) > maxName {
		return Missing{}, false
	}
	return out, true
}
