package sandbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// resolve loads what a module asks for by name: one of Node's own, a file, or a
// package (nodejs.org/api/modules.html, "All together"). By `import` a file needs its
// whole name.
func (m *machine) resolve(from, name string, byImport bool) goja.Value {
	if v := m.builtin(strings.TrimPrefix(name, "node:"), strings.HasPrefix(name, "node:")); v != nil {
		return v
	}
	if strings.HasPrefix(name, "#") {
		return m.unsupported("imports of a package.json")
	}
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") || strings.HasPrefix(name, "/") || name == "." || name == ".." {
		file := name
		if !filepath.IsAbs(name) {
			file = filepath.Join(filepath.Dir(from), name)
		}
		if got, ok := asFile(file); ok && (!byImport || got == file) {
			return m.require(real(got), "")
		}
		if got, ok := asDirectory(file); ok && !byImport {
			return m.require(real(got), "")
		}
		return m.missing(name)
	}
	return m.fromPackages(from, name, byImport)
}

// real is the file behind links: Node loads a module by its real path.
func real(file string) string {
	if found, err := filepath.EvalSymlinks(file); err == nil {
		return found
	}
	return file
}

// builtin is a module of Node's own, nil if there is none of that name.
func (m *machine) builtin(name string, sure bool) goja.Value {
	if name == "module" {
		create := m.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			return m.requirer(strings.TrimPrefix(call.Argument(0).String(), "file://"))
		})
		known := m.vm.NewObject()
		m.set(known, "createRequire", create)
		return m.must(m.closed(goja.Undefined(), m.vm.ToValue("module"), known))
	}
	if v := m.node.Get("modules").ToObject(m.vm).Get(name); v != nil && !goja.IsUndefined(v) {
		return v
	}
	if sure || slices.Contains(m.names(m.node, "unknown"), name) {
		return m.must(m.closed(goja.Undefined(), m.vm.ToValue("module "+name), m.vm.NewObject()))
	}
	return nil
}

// missing is Node's "Cannot find module", which JavaScript can catch.
func (m *machine) missing(name string) goja.Value {
	e, err := m.vm.New(m.vm.Get("Error"), m.vm.ToValue("Cannot find module '"+name+"'"))
	if err != nil {
		panic(rethrown(m, err))
	}
	m.set(e, "code", m.vm.ToValue("MODULE_NOT_FOUND"))
	m.set(e, missingName, m.vm.ToValue(name))
	panic(e)
}

// missingName is the property by which failureOf knows such an error.
const missingName = "pm2drill:module"

// asFile is LOAD_AS_FILE.
func asFile(name string) (string, bool) {
	for _, ext := range []string{"", ".js", ".json"} {
		if info, err := os.Stat(name + ext); err == nil && info.Mode().IsRegular() {
			return name + ext, true
		}
	}
	return "", false
}

// asDirectory is LOAD_AS_DIRECTORY.
func asDirectory(dir string) (string, bool) {
	if main := manifest(dir).Main; main != "" {
		if got, ok := asFile(filepath.Join(dir, main)); ok {
			return got, true
		}
		if got, ok := asFile(filepath.Join(dir, main, "index")); ok {
			return got, true
		}
	}
	return asFile(filepath.Join(dir, "index"))
}

// packageJSON is what resolution asks of a package.
type packageJSON struct {
	Main            string            `json:"main"`
	Exports         json.RawMessage   `json:"exports"`
	Dependencies    map[string]string `json:"dependencies"`
	DevDependencies map[string]string `json:"devDependencies"`
	Optional        map[string]string `json:"optionalDependencies"`
}

func manifest(dir string) packageJSON {
	var p packageJSON
	if raw, err := os.ReadFile(filepath.Join(dir, "package.json")); err == nil {
		_ = json.Unmarshal(raw, &p) // one that is no JSON says nothing
	}
	return p
}

// fromPackages looks in every node_modules from the file upward.
func (m *machine) fromPackages(from, name string, byImport bool) goja.Value {
	pkg, sub := packageName(name)
	for dir := filepath.Dir(from); ; dir = filepath.Dir(dir) {
		root := filepath.Join(dir, "node_modules", pkg)
		if info, err := os.Stat(root); err == nil && info.IsDir() {
			return m.fromPackage(root, name, sub, byImport)
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if m.declared(from, pkg) {
		return m.unsupported("the package " + pkg + ", which is in package.json and not installed here (npm ci)")
	}
	return m.missing(name)
}

// packageName splits "@scope/name/sub/path".
func packageName(name string) (pkg, sub string) {
	parts := strings.SplitN(name, "/", 3)
	n := 1
	if strings.HasPrefix(name, "@") {
		n = 2
	}
	if len(parts) <= n {
		return name, ""
	}
	return strings.Join(parts[:n], "/"), strings.Join(parts[n:], "/")
}

// declared reports whether the nearest package.json wants the package.
func (m *machine) declared(from, pkg string) bool {
	for dir := filepath.Dir(from); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "package.json")); err == nil {
			p := manifest(dir)
			for _, wants := range []map[string]string{p.Dependencies, p.DevDependencies, p.Optional} {
				if _, ok := wants[pkg]; ok {
					return true
				}
			}
			return false
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

func (m *machine) fromPackage(root, name, sub string, byImport bool) goja.Value {
	p := manifest(root)
	if len(p.Exports) > 0 && string(p.Exports) != "null" {
		target, ok := exported(p.Exports, sub, byImport)
		if !ok {
			return m.unsupported("the exports of the package " + name)
		}
		return m.require(real(filepath.Join(root, target)), "")
	}
	file := filepath.Join(root, sub)
	if sub != "" {
		if got, ok := asFile(file); ok {
			return m.require(real(got), "")
		}
	}
	if got, ok := asDirectory(file); ok {
		return m.require(real(got), "")
	}
	return m.missing(name)
}

// exported reads "exports", as far as it names files and conditions outright.
func exported(raw json.RawMessage, sub string, byImport bool) (string, bool) {
	var target string
	if json.Unmarshal(raw, &target) == nil {
		return target, sub == ""
	}
	key := "."
	if sub != "" {
		key = "./" + sub
	}
	paths := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &paths) != nil {
		return "", false
	}
	if entry, ok := paths[key]; ok {
		return condition(entry, byImport)
	}
	for k := range paths {
		if strings.HasPrefix(k, ".") {
			return "", false
		}
	}
	if sub != "" {
		return "", false
	}
	return condition(raw, byImport)
}

// condition takes the first of the conditions, in their order, that holds.
func condition(raw json.RawMessage, byImport bool) (string, bool) {
	var target string
	if json.Unmarshal(raw, &target) == nil {
		return target, true
	}
	holds := []string{"node", "default", "module-sync", "require"}
	if byImport {
		holds[3] = "import"
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return "", false
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return "", false
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return "", false
		}
		if name, _ := key.(string); slices.Contains(holds, name) {
			if target, ok := condition(value, byImport); ok {
				return target, true
			}
		}
	}
	return "", false
}

// place is where a word first stands in a text.
func place(text, word string) (line, col int) {
	at := regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).FindStringIndex(text)
	if at == nil {
		return 0, 0
	}
	before := text[:at[0]]
	return 1 + strings.Count(before, "\n"), at[0] - strings.LastIndex(before, "\n")
}

// shift is how much what is put before the entry moves its first line to the right.
func (m *machine) shift() int {
	switch {
	case m.out.ESM: // its map says where it was
		return 0
	case m.req.Dialect == ecosystem.JSON:
		return 1
	}
	return len(wrapperHead)
}

// failureOf is an exception that nobody has caught.
func (m *machine) failureOf(thrown *goja.Exception) *ecosystem.Failure {
	f := &ecosystem.Failure{Class: ecosystem.Thrown, Message: thrown.Value().String()}
	if o, ok := thrown.Value().(*goja.Object); ok {
		if name := o.Get(missingName); name != nil && !goja.IsUndefined(name) {
			f.Class, f.Module = ecosystem.MissingModule, name.String()
		}
	}
	if name, ok := strings.CutPrefix(f.Message, "ReferenceError: "+hidden); ok {
		name = strings.TrimSuffix(name, " is not defined")
		f.Class, f.Message = ecosystem.CommonJSInESM, "ReferenceError: "+name+" is not defined in ES module scope"
		f.Line, f.Col = place(string(m.req.Source), name)
		return f
	}
	entry := m.absolute(m.req.Path)
	for _, frame := range thrown.Stack() {
		if frame.SrcName() == entry || frame.SrcName() == m.req.Path {
			at := frame.Position()
			f.Line, f.Col = at.Line, at.Column
			if at.Line == 1 {
				f.Col = max(1, f.Col-m.shift())
			}
			break
		}
	}
	return f
}
