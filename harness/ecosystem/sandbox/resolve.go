package sandbox

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// loadModule loads what a module asks for by name: one of Node's own, a file, or a
// package (nodejs.org/api/modules.html, "All together"). By `import` a file needs its
// whole name.
func (m *machine) loadModule(from, name string, byImport bool) goja.Value {
	if v := m.findBuiltin(strings.TrimPrefix(name, "node:"), strings.HasPrefix(name, "node:")); v != nil {
		return v
	}
	if strings.HasPrefix(name, "#") {
		return m.endUnsupported("imports of a package.json")
	}
	file, pkg := m.findModule(from, name, byImport)
	switch {
	case file != "":
		return m.require(file, "")
	case pkg != "":
		return m.newStandIn(pkg)
	}
	return goja.Undefined() // the evaluation is being broken off
}

// findModule returns the file that a module asks for by name, or the package that it asks
// for and that is not installed; "" for both where that is not supported.
func (m *machine) findModule(from, name string, byImport bool) (file, absent string) {
	if !byImport {
		m.readScope(from)
	}
	if strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") || strings.HasPrefix(name, "/") || name == "." || name == ".." {
		file := name
		if !filepath.IsAbs(name) {
			file = filepath.Join(filepath.Dir(from), name)
		}
		if got, ok := loadAsFile(file); ok && (!byImport || got == file) {
			return resolveLinks(got), ""
		}
		if got, ok := loadAsDirectory(file); ok && !byImport {
			return resolveLinks(got), ""
		}
		if isUnversioned(file) {
			return "", name
		}
		m.throwMissing(name)
	}
	return m.findInPackages(from, name, byImport)
}

// resolvePath returns require.resolve(name) of a module: Node's own modules are named as
// they are.
func (m *machine) resolvePath(from, name string) goja.Value {
	if strings.HasPrefix(name, "#") {
		return m.endUnsupported("imports of a package.json")
	}
	if m.findBuiltin(strings.TrimPrefix(name, "node:"), strings.HasPrefix(name, "node:")) != nil {
		return m.vm.ToValue(name)
	}
	file, absent := m.findModule(from, name, false)
	if absent != "" {
		m.newStandIn(absent)
		return m.vm.ToValue("/" + m.guessText("where the package "+absent+" is"))
	}
	return m.vm.ToValue(file)
}

// resolveLinks returns the file behind links: Node loads a module by its real path.
func resolveLinks(file string) string {
	if found, err := filepath.EvalSymlinks(file); err == nil {
		return found
	}
	return file
}

// findBuiltin returns a module of Node's own, nil if there is none of that name.
func (m *machine) findBuiltin(name string, sure bool) goja.Value {
	if name == "module" {
		create := m.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			return m.newRequire(strings.TrimPrefix(call.Argument(0).String(), "file://"))
		})
		known := m.vm.NewObject()
		m.set(known, "createRequire", create)
		return m.must(m.closed(goja.Undefined(), m.vm.ToValue("module"), known))
	}
	if v := m.node.Get("modules").ToObject(m.vm).Get(name); v != nil && !goja.IsUndefined(v) {
		return v
	}
	if sure || slices.Contains(m.readNames(m.node, "unknown"), name) {
		return m.must(m.closed(goja.Undefined(), m.vm.ToValue("module "+name), m.vm.NewObject()))
	}
	return nil
}

// throwMissing throws Node's "Cannot find module", which JavaScript can catch.
func (m *machine) throwMissing(name string) {
	e, err := m.vm.New(m.vm.Get("Error"), m.vm.ToValue("Cannot find module '"+name+"'"))
	if err != nil {
		panic(convertThrown(m, err))
	}
	m.set(e, "code", m.vm.ToValue("MODULE_NOT_FOUND"))
	m.set(e, missingName, m.vm.ToValue(name))
	panic(e)
}

// missingName is the property by which failureOf knows such an error.
const missingName = "pm2drill:module"

// loadAsFile returns the file that Node's LOAD_AS_FILE finds, false for none.
func loadAsFile(name string) (string, bool) {
	for _, ext := range []string{"", ".js", ".json"} {
		if info, err := os.Stat(name + ext); err == nil && info.Mode().IsRegular() {
			return name + ext, true
		}
	}
	return "", false
}

// loadAsDirectory returns the file that Node's LOAD_AS_DIRECTORY finds, false for none.
func loadAsDirectory(dir string) (string, bool) {
	if main := readManifest(dir).Main; main != "" {
		if got, ok := loadAsFile(filepath.Join(dir, main)); ok {
			return got, true
		}
		if got, ok := loadAsFile(filepath.Join(dir, main, "index")); ok {
			return got, true
		}
	}
	return loadAsFile(filepath.Join(dir, "index"))
}

// findPlace returns where a word is first in a text, both from 1 but 0 for none.
func findPlace(text, word string) (line, col int) {
	at := regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`).FindStringIndex(text)
	if at == nil {
		return 0, 0
	}
	before := text[:at[0]]
	return 1 + strings.Count(before, "\n"), at[0] - strings.LastIndex(before, "\n")
}

// computeShift returns how far what is put before the entry moves its first line to the
// right.
func (m *machine) computeShift() int {
	switch {
	case m.out.ESM: // its map says where it was
		return 0
	case m.req.Dialect == ecosystem.JSON:
		return 1
	}
	return len(wrapperHead)
}

// buildFailure returns the failure of an exception that nobody has caught.
func (m *machine) buildFailure(thrown *goja.Exception) *ecosystem.Failure {
	f := &ecosystem.Failure{Class: ecosystem.Thrown, Message: "an error whose text is not known here"}
	m.read = true // what is looked at from here on belongs to no evaluation
	if text, ok := m.readThrownText(thrown.Value()); ok {
		f.Message = text
	}
	if o, ok := thrown.Value().(*goja.Object); ok {
		if name := o.Get(missingName); name != nil && !goja.IsUndefined(name) {
			f.Class, f.Module = ecosystem.MissingModule, name.String()
		} else if m.vm.InstanceOf(o, m.syntax) {
			f.Class = ecosystem.Syntax
		}
	}
	if name, ok := strings.CutPrefix(f.Message, "ReferenceError: "+hidden); ok {
		name = strings.TrimSuffix(name, " is not defined")
		f.Class, f.Message = ecosystem.CommonJSInESM, "ReferenceError: "+name+" is not defined in ES module scope"
		f.Line, f.Col = findPlace(string(m.req.Source), name)
		return f
	}
	f.Line, f.Col = m.findPlaceInFile(thrown.Stack())
	return f
}

// findPlaceInFile returns the innermost place of a stack that is in the file; 0, 0 if
// none is.
func (m *machine) findPlaceInFile(stack []goja.StackFrame) (line, col int) {
	entry := m.findEntry()
	for _, frame := range stack {
		if frame.SrcName() == entry || frame.SrcName() == m.req.Path {
			at := frame.Position()
			if at.Line == 1 {
				return 1, max(1, at.Column-m.computeShift())
			}
			return at.Line, at.Column
		}
	}
	return 0, 0
}

// readThrownText returns a value's text, if it can be had.
func (m *machine) readThrownText(v goja.Value) (text string, ok bool) {
	ok = m.vm.Try(func() { text = v.String() }) == nil
	return text, ok
}
