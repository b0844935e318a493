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

// readManifest returns the package.json in a directory; empty if there is none, or no
// JSON.
func (s *Subject) readManifest(dir string) (m manifest) {
	if s.Disk == nil {
		return m
	}
	if head, ok := s.Disk.Head(filepath.Join(dir, "package.json")); ok && json.Unmarshal(head, &m) != nil {
		return manifest{}
	}
	return m
}

// listPackages returns the names of the packages that the manifest wants, sorted; with
// development also those for a developer's machine.
func (m manifest) listPackages(development bool) []string {
	out := slices.AppendSeq(slices.Collect(maps.Keys(m.Dependencies)), maps.Keys(m.Optional))
	if development {
		out = slices.AppendSeq(out, maps.Keys(m.DevDependencies))
	}
	slices.Sort(out)
	return out
}

// findLoader names what makes the app read a file of variables by itself: an option of
// its command, a file that the command names, a package.json script that the command
// runs, or a library that the project wants; "" if nothing is seen. A library alone does
// not say which file it reads.
func (a App) findLoader(file string) string {
	command := strings.Join(append(append([]string{a.getScript()}, a.listTexts("args")...), a.Plan.NodeArgs...), " ")
	if hasLoader(command, file) {
		return "its command"
	}
	if a.of.Disk == nil || a.Rejected != nil {
		return ""
	}
	if a.startsBun() && a.isUsualFile(file) && filepath.Dir(joinPath(a.Plan.Cwd, file)) == filepath.Clean(a.Plan.Cwd) {
		return "bun"
	}
	for _, word := range strings.Fields(command) {
		text, ok := a.of.Disk.Head(joinPath(a.findHome(), word))
		switch {
		case ok && loadsAnother(string(text), file):
			return ""
		case ok && hasLoader(string(text), file):
			return getBase(word)
		}
	}
	dirs := a.listDirs()
	if beside := filepath.Dir(joinPath(a.findHome(), file)); isWithin(a.of.findTop(), beside) && !slices.Contains(dirs, beside) {
		dirs = append(dirs, beside) // an app of its own, which the command starts there
	}
	for _, dir := range dirs {
		m := a.of.readManifest(dir)
		if name := m.findLoadingScript(command, file); name != "" {
			return "the script " + name + " of package.json"
		}
		if lib := a.findLoadingLibrary(dir, m, file); lib != "" {
			return lib
		}
	}
	return ""
}

// startsBun reports whether bun runs the app, which reads .env and its like in the app's
// cwd: as its interpreter, or as the program that PM2 or a shell of its starts.
func (a App) startsBun() bool {
	words := strings.Fields(a.getScript())
	return getBase(a.Plan.Interpreter) == "bun" || len(words) > 0 && (getBase(words[0]) == "bun" || getBase(words[0]) == "bunx")
}

// findLoadingLibrary returns the library with which an app may read the file, by the
// manifests in a directory; "" if they name none.
func (a App) findLoadingLibrary(dir string, m manifest, file string) string {
	for _, pkg := range m.listPackages(a.isDevelopment()) {
		framework := servers.MatchString(pkg) || a.isDevelopment() && builders.MatchString(pkg)
		if envPackages.MatchString(pkg) || framework && a.isUsualFile(file) {
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

// listDirs returns the directories whose manifests are the app's: those of its cwd and of
// its script, and what is above them up to the project's root.
func (a App) listDirs() []string {
	top, home := a.of.findTop(), a.findHome()
	var out []string
	for _, dir := range []string{home, filepath.Dir(joinPath(home, a.getScript()))} {
		if strings.Contains(dir, "node_modules") {
			continue
		}
		for ; isWithin(top, dir) && !slices.Contains(out, dir); dir = filepath.Dir(dir) {
			out = append(out, dir)
		}
		if !isWithin(top, dir) && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// findHome returns the app's cwd or, if that is a directory of another host, the
// project's root, which is there in its stead.
func (a App) findHome() string {
	if a.of.hasFile(a.Plan.Cwd) {
		return a.Plan.Cwd
	}
	parts := strings.Split(strings.Trim(filepath.ToSlash(a.Plan.Cwd), "/"), "/")
	for i := range parts {
		if dir := filepath.Join(a.of.findTop(), filepath.Join(parts[i:]...)); a.of.hasFile(dir) {
			return dir
		}
	}
	return a.of.findTop()
}

// findTop returns the project's root, or the file's directory if it is in no project.
func (s *Subject) findTop() string { return cmp.Or(findRoot(s), s.findDir()) }

// findLoadingScript returns the script of a package.json that a command of npm, yarn,
// pnpm or bun runs, itself or by another script, and that loads the file; "" if none
// does.
func (m manifest) findLoadingScript(command, file string) string {
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
	return envLoaders.MatchString(text) || slices.Contains(words, getBase(file))
}

// loadsAnother reports whether the text of a script has dotenv read files that it names,
// or .env, and the file is none of them.
func loadsAnother(text, file string) bool {
	plain, named := plainLoad.MatchString(text), namedLoad.MatchString(text)
	if !strings.Contains(text, "dotenv") || !plain && !named || computedLoad.MatchString(text) || plain && getBase(file) == ".env" {
		return false
	}
	return !slices.ContainsFunc(namedLoad.FindAllStringSubmatch(text, -1), func(m []string) bool { return getBase(m[1]) == getBase(file) })
}

// How a script calls dotenv: without a path, for .env; with one; with one that it computes.
var (
	plainLoad    = regexp.MustCompile(`\bdotenv\b['")\s]*\.config\(\s*\)|\bdotenv/config\b`)
	namedLoad    = regexp.MustCompile(`\.config\(\s*\{[^}]*\bpath:\s*["']([^"'\n]+)["']\s*[,}]`)
	computedLoad = regexp.MustCompile(`\.config\(\s*\{[^}]*\bpath(:\s*[^"'\s]|\s*[,}])|\.config\(\s*[^\s{)]`)
)

// isUsualFile reports whether the file is one that Next, Vite and the like read by
// themselves, in the app's mode.
func (a App) isUsualFile(file string) bool {
	m := usualFiles.FindStringSubmatch(getBase(file))
	switch {
	case m == nil:
		return false
	case m[1] == "":
		return true
	}
	return (m[1] == "development") == a.isDevelopment()
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
