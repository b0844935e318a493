package sandbox

import (
	"os"
	"path"
	"path/filepath"
	"strings"
)

// unversioned reports whether the repository leaves a module that is not here to each
// host: whether a .gitignore from its directory upward has its name, with one of the
// endings that Node tries, or a directory that it is in.
func unversioned(file string) bool {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if text, err := os.ReadFile(filepath.Join(dir, ".gitignore")); err == nil {
			rel, err := filepath.Rel(dir, file)
			if err == nil && ignores(string(text), filepath.ToSlash(rel)) {
				return true
			}
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil || dir == filepath.Dir(dir) {
			return false
		}
	}
}

// ignores reports whether lines of a .gitignore have a module, by its path from the
// file's directory (git-scm.com/docs/gitignore). The last line that matches decides.
func ignores(lines, module string) bool {
	out := false
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		pattern, again := strings.CutPrefix(line, "!")
		pattern = strings.TrimSuffix(pattern, "/")
		if pattern == "" || line[0] == '#' {
			continue
		}
		if matches(pattern, module) {
			out = !again
		}
	}
	return out
}

// matches reports whether a pattern has the module or a directory that it is in. One
// with a slash that is not its last character begins at the file's directory.
func matches(pattern, module string) bool {
	rooted := strings.Contains(pattern, "/") && !strings.HasPrefix(pattern, "**/")
	pattern = strings.TrimPrefix(strings.TrimPrefix(pattern, "**/"), "/")
	for _, ending := range []string{"", ".js", ".json", ".cjs"} {
		for name := module + ending; name != "."; name = path.Dir(name) {
			tried := name
			if !rooted {
				tried = path.Base(name)
			}
			if ok, err := path.Match(pattern, tried); err == nil && ok {
				return true
			}
		}
	}
	return false
}
