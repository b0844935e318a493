package sandbox

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// format is what Node takes a file's text for.
type format int

const (
	commonJS format = iota
	esModule
	jsonText
)

// wrapper is what Node puts around a CommonJS module, on its first line.
const (
	wrapperHead = "(function (exports, require, module, __filename, __dirname) { "
	wrapperTail = "\n})"
)

// require loads a file as Node's require() does, once. src is its text, "" to read it.
func (m *machine) require(file, src string) goja.Value {
	if module, ok := m.loaded[file]; ok {
		return module.Get("exports")
	}
	if src == "" {
		info, _ := m.lookAt(file)
		if info == nil {
			return m.endUnsupported("the file " + file)
		}
		var err error
		if src, err = m.readText(file, info); err != nil {
			return m.endUnsupported(err.Error())
		}
	}
	m.texts = append(m.texts, src)
	module := m.vm.NewObject()
	m.set(module, "exports", m.vm.NewObject())
	m.set(module, "id", m.vm.ToValue(file))
	m.set(module, "filename", m.vm.ToValue(file))
	m.loaded[file] = module
	switch kind, script := m.findFormat(file, src); kind {
	case jsonText:
		m.set(module, "exports", m.parseJSON(file, src))
	case esModule:
		m.loadESM(module, file, src)
	default:
		m.run(module, file, script)
	}
	return module.Get("exports")
}

// findFormat says how Node loads the file (nodejs.org/api/packages.html, "Determining
// module system"), and compiles what is CommonJS.
func (m *machine) findFormat(file, src string) (format, *goja.Program) {
	entry := file == m.findEntry()
	switch {
	case strings.HasSuffix(file, ".json"):
		return jsonText, nil
	case strings.HasSuffix(file, ".mjs"):
		return esModule, nil
	case isTyped(file) && entry && m.req.Dialect == ecosystem.App:
		return esModule, nil
	case isTyped(file):
		return m.findTypedFormat(file, src)
	}
	kind, js := "", strings.HasSuffix(file, ".js")
	if js {
		kind = parsePackageType(m.readScope(file))
	}
	if kind == "module" {
		return esModule, nil
	}
	script, err := compile(file, src)
	if err == nil {
		return commonJS, script
	}
	if errors.Is(err, errPattern) {
		m.refuseSyntax(err, 0, src)
		return commonJS, nil
	}
	looksESM := js && kind == "" && (isESM(src) || declared.MatchString(err.Error()) || isAwaiting(file, src))
	if looksESM && m.req.Target.DetectsESM() {
		return esModule, nil
	}
	if lowered, ok := lowerSyntax(src); ok && !isESM(src) {
		if script, err := compile(file, lowered); err == nil {
			return commonJS, script
		}
	}
	m.refuseSyntax(err, len(wrapperHead), src)
	return commonJS, nil
}

// compile makes a program of a CommonJS module's text.
func compile(file, src string) (*goja.Program, error) {
	if strings.HasPrefix(src, "#!") {
		src = "//" + src[2:]
	}
	return compileScript(file, wrapperHead+src+wrapperTail, false, parser.WithDisableSourceMaps)
}

// declared is what the interpreter says of a second declaration of what the wrapper
// declares, by which Node knows an ES module, too (nodejs.org/api/packages.html, "Syntax
// detection").
var declared = regexp.MustCompile(`Identifier '(exports|require|module|__filename|__dirname)' has already been declared`)

// isAwaiting reports whether a text that is no CommonJS would be some if it might wait at
// its top level, by which Node knows an ES module, too.
func isAwaiting(file, src string) bool {
	_, err := compileScript(file, "(async "+wrapperHead[1:]+src+wrapperTail, false, parser.WithDisableSourceMaps)
	return err == nil
}

// compileScript compiles; a syntax error says where it is.
func compileScript(file, src string, strict bool, options ...parser.Option) (*goja.Program, error) {
	parsed, err := parser.ParseFile(nil, file, src, 0, options...)
	if err != nil {
		return nil, err
	}
	if err := checkPatterns(parsed); err != nil {
		return nil, err
	}
	return goja.CompileAST(parsed, strict)
}

// run calls a CommonJS module.
func (m *machine) run(module *goja.Object, file string, script *goja.Program) {
	if script == nil { // the evaluation is being broken off
		return
	}
	fn := m.must(m.vm.RunProgram(script))
	f, ok := goja.AssertFunction(fn)
	if !ok {
		m.refuse(ecosystem.Failure{Class: ecosystem.Syntax, Message: "the file closes a bracket that it has not opened"})
		return
	}
	exports := module.Get("exports")
	require := m.newRequire(file)
	m.set(module, "require", require)
	m.must(f(exports, exports, require, module, m.vm.ToValue(file), m.vm.ToValue(filepath.Dir(file))))
}

// newRequire returns the function `require` of a module.
func (m *machine) newRequire(from string) goja.Value {
	require := m.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		name, ok := call.Argument(0).Export().(string)
		if !ok {
			return m.endUnsupported("require() of what is no string")
		}
		return m.loadModule(from, name, false)
	}).ToObject(m.vm)
	m.set(require, "main", goja.Undefined())
	m.set(require, "resolve", m.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		name, ok := call.Argument(0).Export().(string)
		if !ok || !goja.IsUndefined(call.Argument(1)) {
			return m.endUnsupported("require.resolve() with options")
		}
		return m.resolvePath(from, name)
	}))
	return m.must(m.closed(goja.Undefined(), m.vm.ToValue("require"), require))
}

func (m *machine) parseJSON(file, src string) goja.Value {
	if !json.Valid([]byte(strings.TrimPrefix(src, "\ufeff"))) {
		return m.refuse(ecosystem.Failure{Class: ecosystem.Syntax, Message: file + " is no JSON"})
	}
	parse := m.vm.Get("JSON").ToObject(m.vm).Get("parse")
	return m.must(m.call(parse, m.vm.ToValue(strings.TrimPrefix(src, "\ufeff"))))
}
