package lint

import (
	"cmp"
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// manifest is what a package.json says of its commands and of the packages it wants.
type manifest struct {
	Scripts         map[string]string `json:"scripts"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
	Optional        map[string]string `json:"optionalDependencies"`
}

// manifest is the package.json in a directory; empty if there is none, or no JSON.
func (s *Subject) manifest(dir string) (m manifest) {
	if s.Disk == nil {
		return m
	}
	if head, ok := s.Disk.Head(filepath.Join(dir, "package.json")); ok && json.Unmarshal(head, &m) != nil {
		return manifest{}
	}
	return m
}

// packages are the names of the packages that it wants, in order; with those for a
// developer's machine.
func (m manifest) packages(development bool) []string {
	out := slices.AppendSeq(slices.Collect(maps.Keys(m.Dependencies)), maps.Keys(m.Optional))
	if development {
		out = slices.AppendSeq(out, maps.Keys(m.DevDependencies))
	}
	slices.Sort(out)
	return out
}

// loader names what makes the app read a file of variables by itself: an option of its
// command, a file that the command names, a package.json script that the command runs, or
// a library that the project wants; "" if nothing is seen. A library alone does not say
// which file it reads.
func (a App) loader(file string) string {
	command := strings.Join(append(append([]string{a.script()}, a.list("args")...), a.Plan.NodeArgs...), " ")
	if hasLoader(command, file) {
		return "its command"
	}
	if a.of.Disk == nil || a.Rejected != nil {
		return ""
	}
	if base(a.Plan.Interpreter) == "bun" && a.usual(file) {
		return "bun"
	}
	for _, word := range strings.Fields(command) {
		text, ok := a.of.Disk.Head(joined(a.home(), word))
		switch {
		case ok && loadsAnother(string(text), file):
			return ""
		case ok && hasLoader(string(text), file):
			return base(word)
		}
	}
	for _, dir := range a.dirs() {
		m := a.of.manifest(dir)
		if name := m.loadingScript(command, file); name != "" {
			return "the script " + name + " of package.json"
		}
		if lib := a.loadingLibrary(dir, m, file); lib != "" {
			return lib
		}
	}
	return ""
}

// loadingLibrary is the library with which an app may read the file, by the manifests in a
// directory; "" if they name none.
func (a App) loadingLibrary(dir string, m manifest, file string) string {
	for _, pkg := range m.packages(a.development()) {
		framework := servers.MatchString(pkg) || a.development() && builders.MatchString(pkg)
		if envPackages.MatchString(pkg) || framework && a.usual(file) {
			return pkg
		}
	}
	for _, name := range manifests {
		text, ok := a.of.Disk.Head(filepath.Join(dir, name))
		if lib := envLibraries.FindString(string(text)); ok && lib != "" {
			return lib
		}
	}
	return ""
}

// dirs are the directories whose manifests are the app's: those of its cwd and of its
// script, and what is above them up to the project's root.
func (a App) dirs() []string {
	top, home := a.of.top(), a.home()
	var out []string
	for _, dir := range []string{home, filepath.Dir(joined(home, a.script()))} {
		if strings.Contains(dir, "node_modules") {
			continue
		}
		for ; within(top, dir) && !slices.Contains(out, dir); dir = filepath.Dir(dir) {
			out = append(out, dir)
		}
		if !within(top, dir) && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// home is the app's cwd; if that is a directory of another host, the project's root, which
// stands there.
func (a App) home() string {
	if a.of.exists(a.Plan.Cwd) {
		return a.Plan.Cwd
	}
	return a.of.top()
}

// top is the project's root, or the file's directory if it is in no project.
func (s *Subject) top() string { return cmp.Or(root(s), s.dir()) }

// loadingScript is the script of a package.json that a command of npm, yarn, pnpm or bun
// runs, itself or by another script, and that loads the file; "" if none does.
func (m manifest) loadingScript(command, file string) string {
	left := []string{command}
	seen := map[string]bool{}
	for ; len(left) > 0; left = left[1:] {
		if !packageManagers.MatchString(left[0]) {
			continue
		}
		for _, word := range strings.FieldsFunc(left[0], func(r rune) bool { return strings.ContainsRune(" ;&|()'\"", r) }) {
			text, ok := m.Scripts[word]
			if !ok || seen[word] {
				continue
			}
			if seen[word] = true; hasLoader(text, file) {
				return word
			}
			left = append(left, text)
		}
	}
	return ""
}

// hasLoader reports whether a command or the text of a script names the file, or a program
// that loads such files.
func hasLoader(text, file string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n/='\"`,;:()", r) })
	return envLoaders.MatchString(text) || slices.Contains(words, base(file))
}

// loadsAnother reports whether the text of a script has dotenv read files that it names,
// or .env, and the file is none of them.
func loadsAnother(text, file string) bool {
	plain, named := plainLoad.MatchString(text), namedLoad.MatchString(text)
	if !strings.Contains(text, "dotenv") || !plain && !named || computedLoad.MatchString(text) || plain && base(file) == ".env" {
		return false
	}
	return !slices.ContainsFunc(namedLoad.FindAllStringSubmatch(text, -1), func(m []string) bool { return base(m[1]) == base(file) })
}

// How a script calls dotenv: without a path, for .env; with one; with one that it computes.
var (
	plainLoad    = regexp.MustCompile(`\bdotenv\b['")\s]*\.config\(\s*\)|\bdotenv/config\b`)
	namedLoad    = regexp.MustCompile(`\.config\(\s*\{[^}]*\bpath:\s*["']([^"'\n]+)["']\s*[,}]`)
	computedLoad = regexp.MustCompile(`\.config\(\s*\{[^}]*\bpath(:\s*[^"'\s]|\s*[,}])|\.config\(\s*[^\s{)]`)
)

// usual reports whether the file is one that Next, Vite and the like read by themselves,
// in the app's mode.
func (a App) usual(file string) bool {
	m := usualFiles.FindStringSubmatch(base(file))
	switch {
	case m == nil:
		return false
	case m[1] == "":
		return true
	}
	return (m[1] == "development") == a.development()
}

// usualFiles are the files of variables that frameworks read, and the mode that one is for.
var usualFiles = regexp.MustCompile(`^\.env(?:\.(production|development))?(?:\.local)?$`)

// envLoaders are programs and options that load files of variables.
var envLoaders = regexp.MustCompile(`\b(dotenvx?|env-cmd)\b|--env-file|\bloadEnvFile\b`)

// packageManagers are the programs that run scripts of a package.json.
var packageManagers = regexp.MustCompile(`\b(npm|npm-cli|yarn|pnpm|bun|corepack|run-s|run-p)\b`)

// envPackages are packages of npm that load files of variables.
var envPackages = regexp.MustCompile(`^(@dotenvx/)?dotenv|^(@nestjs/config|env-cmd|node-env-file|env-file-rc|custom-env|@adonisjs/(core|env)|@strapi/strapi|strapi|@medusajs/medusa|@fastify/env|fastify-env)$`)

// servers are packages of npm that read .env, .env.local and the file of their mode where
// they serve; builders do so where they build, and where they serve a developer.
var (
	servers  = regexp.MustCompile(`^(next|@next/env|blitz|@redwoodjs/(core|api-server))$`)
	builders = regexp.MustCompile(`^(nuxt|nuxt3|vite|astro|gatsby|react-scripts|@sveltejs/kit|@vue/cli-service|@remix-run/dev)$`)
)

// manifests are files in which projects in other languages name their libraries.
var manifests = []string{"Cargo.toml", "go.mod", "requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "Gemfile", "composer.json", "mix.exs", "pom.xml", "build.gradle", "build.gradle.kts"}

// envLibraries are the libraries of those languages that load files of variables.
var envLibraries = regexp.MustCompile(`\b(python-dotenv|python-decouple|django-environ|environs|pydantic-settings|dynaconf|starlette|godotenv|viper|dotenvy|dotenv-rails|phpdotenv|laravel/framework|spring-dotenv|dotenv-java|dotenv)\b`)
