package lint

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// isMadeByBuild reports whether a file that is not here is one that a build or an
// installation makes, and neither has run here: the first directory of its path that such
// a step makes is missing, the repository ignores it, or the TypeScript that it is
// compiled from is in its place.
func isMadeByBuild(s *Subject, file string) bool {
	if ext := filepath.Ext(file); strings.HasSuffix(ext, "js") {
		if s.hasFile(strings.TrimSuffix(file, ext) + strings.Replace(ext, "js", "ts", 1)) {
			return true
		}
	}
	if ecosystem.Unversioned(file, nil, s.Disk.Head, s.hasFile) {
		return true
	}
	if getBase(file) == "server.js" && s.hasInDockerfile("/standalone") {
		return true // the image has what Next builds for itself
	}
	if strings.HasSuffix(filepath.ToSlash(file), "/server/index.mjs") && s.hasInDockerfile(".output") {
		return true // the image has what Nuxt builds
	}
	for dir := file; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if isBuildDir(getBase(dir)) && !s.hasFile(dir) && s.hasFile(filepath.Dir(dir)) {
			return true
		}
	}
	return false
}

// isCopied reports whether a command of the project, or a shell script or a Makefile
// beside the file, copies it into a directory that a build makes: it is meant to be
// called there.
func (s *Subject) isCopied() bool { return s.project.copied.get(s.findCopied) }

func (s *Subject) findCopied() bool {
	into := func(text string) bool {
		return slices.ContainsFunc(copying.FindAllStringSubmatch(text, -1), func(m []string) bool {
			words := strings.Fields(strings.ReplaceAll(m[1], "'", ""))
			last := max(0, len(words)-1)
			return slices.ContainsFunc(words[:last], func(w string) bool { return getBase(w) == getBase(s.Path) }) && slices.ContainsFunc(strings.Split(words[last], "/"), isBuildDir)
		})
	}
	if slices.ContainsFunc(s.listCommands(), func(c command) bool { return into(c.text) }) {
		return true
	}
	for _, dir := range []string{s.findDir(), findRoot(s)} {
		for _, name := range s.Disk.Names(dir) {
			if name != "Makefile" && filepath.Ext(name) != ".sh" {
				continue
			}
			if text, ok := s.Disk.Head(filepath.Join(dir, name)); ok && into(string(text)) {
				return true
			}
		}
	}
	return false
}

// copying is a command that copies files: what and where to.
var copying = regexp.MustCompile(`\b(?:cp|copy|copyfiles|cpy|rsync|mv|install)\s([^\n&;|"]*[^\s&;|"])`)

// hasBuild reports whether the project has a step that may make the file: a build of its
// package, an image, a compiler.
func (s *Subject) hasBuild() bool { return s.project.builds.get(s.findBuilds) }

func (s *Subject) findBuilds() bool {
	for _, dir := range []string{s.findDir(), findRoot(s)} {
		if head, ok := s.Disk.Head(filepath.Join(dir, "package.json")); ok && buildScript.Match(head) {
			return true
		}
		for _, name := range []string{"tsconfig.json", "Dockerfile", "go.mod", "Cargo.toml", "CMakeLists.txt"} {
			if s.hasFile(filepath.Join(dir, name)) {
				return true
			}
		}
	}
	return false
}

// buildScript is the script "build" of a package.json.
var buildScript = regexp.MustCompile(`"build"\s*:\s*"`)

// isBuildDir reports whether a directory's name is one that a build or an installation
// gives.
func isBuildDir(name string) bool {
	return slices.Contains([]string{
		"dist", "build", "out", "lib", "output", ".next", ".nuxt", ".output", ".svelte-kit", "target", "public", "compiled", "bundle", "release",
		"node_modules", "venv", ".venv", "env", ".env", "virtualenv", "vendor",
	}, name) || strings.HasPrefix(name, "dist-") || strings.HasPrefix(name, "build-")
}
