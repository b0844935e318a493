package ecosystem

import "path/filepath"

// Project is the nearest directory from dir upward that is a package or a repository, ""
// if none is. exists says what the disk has, by absolute paths.
func Project(dir string, exists func(name string) bool) string {
	for ; ; dir = filepath.Dir(dir) {
		if hasAny(dir, exists, "package.json", ".git") {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// Workspace is what a file in dir may need when it is evaluated: dir itself, or the
// outermost directory above that is a package or has modules, up to the end of its
// repository. home is a directory that belongs to no project.
func Workspace(dir, home string, exists func(name string) bool) string {
	out := dir
	for ; dir != filepath.Dir(dir) && dir != home; dir = filepath.Dir(dir) {
		if hasAny(dir, exists, "package.json", "node_modules", "pnpm-workspace.yaml") {
			out = dir
		}
		if hasAny(dir, exists, ".git") {
			break
		}
	}
	return out
}

// hasAny reports whether the directory has one of the names.
func hasAny(dir string, exists func(string) bool, names ...string) bool {
	for _, name := range names {
		if exists(filepath.Join(dir, name)) {
			return true
		}
	}
	return false
}
