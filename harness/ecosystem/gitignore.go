package ecosystem

import (
	"path"
	"path/filepath"
	"strings"
)

// Unversioned reports whether the repository leaves a path to each host: whether a
// .gitignore from its directory upward has it, with one of the endings, or a directory
// that it is in. read returns what a file holds, exists whether anything stands at a path.
func Unversioned(file string, endings []string, read func(name string) (text []byte, ok bool), exists func(name string) bool) bool {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if text, ok := read(filepath.Join(dir, ".gitignore")); ok {
			if rel, err := filepath.Rel(dir, file); err == nil && isIgnored(string(text), filepath.ToSlash(rel), endings) {
				return true
			}
		}
		if exists(filepath.Join(dir, ".git")) || dir == filepath.Dir(dir) {
			return false
		}
	}
}

// isIgnored reports whether lines of a .gitignore match a path, by its name from their
// directory (git-scm.com/docs/gitignore). The last line that matches decides.
func isIgnored(lines, name string, endings []string) bool {
	out := false
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		pattern, again := strings.CutPrefix(line, "!")
		pattern = strings.TrimSuffix(pattern, "/")
		if pattern == "" || line[0] == '#' {
			continue
		}
		if matchesPattern(pattern, name, endings) {
			out = !again
		}
	}
	return out
}

// matchesPattern reports whether a pattern matches the path or a directory that it is in.
// One with a slash that is not its last character begins at the directory of the
// .gitignore.
func matchesPattern(pattern, name string, endings []string) bool {
	rooted := strings.Contains(pattern, "/") && !strings.HasPrefix(pattern, "**/")
	pattern = strings.TrimPrefix(strings.TrimPrefix(pattern, "**/"), "/")
	for _, ending := range append([]string{""}, endings...) {
		for at := name + ending; at != "."; at = path.Dir(at) {
			tried := at
			if !rooted {
				tried = path.Base(at)
			}
			if ok, err := path.Match(pattern, tried); err == nil && ok {
				return true
			}
		}
	}
	return false
}
