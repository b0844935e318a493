package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// hidden begins the names that CommonJS's variables are given in an ES module, where
// there are none: to use one is a ReferenceError, as it is in Node.
const hidden = "__pm2drill_no_"

// mapComment begins what esbuild says of where its lines were.
const mapComment = "\n//# sourceMappingURL="

// statement is the beginning of an import or export.
var statement = regexp.MustCompile(`(?m)^\s*(import\s*["'{*\w]|export\s*[{*]|export\s+(default|const|let|var|function|class|async)\b)|\bimport\.meta\b`)

// isESM reports whether the text has the syntax of an ES module.
func isESM(src string) bool { return statement.MatchString(src) }

// loadESM evaluates an ES module, after it has been rewritten to CommonJS.
func (m *machine) loadESM(module *goja.Object, name, src string) {
	m.out.ESM = m.out.ESM || name == m.findEntry()
	typed := isTyped(name)
	if !m.req.Target.RequiresESM() && !typed {
		m.refuse(ecosystem.Failure{Class: ecosystem.ESMRequired,
			Message: fmt.Sprintf("ERR_REQUIRE_ESM: Node %s cannot require() the ES module %s", m.req.Target.Node, filepath.Base(name))})
		return
	}
	if doubled.MatchString(src) {
		m.endUnsupported("a block after the word static twice")
		return
	}
	out, failure := rewrite(name, src, typed)
	if failure != nil {
		m.refuseOr(*failure, src)
		return
	}
	// The map has to be the last line.
	out, places, _ := strings.Cut(out, mapComment)
	script, err := compileScript(name, "(function (exports, require, module, __pm2drill_url, __pm2drill_file, __pm2drill_dir) { 'use strict'; "+out+wrapperTail+mapComment+places, true)
	if err != nil {
		m.endUnsupported("syntax that is not known here: " + err.Error())
		return
	}
	f, _ := goja.AssertFunction(m.must(m.vm.RunProgram(script)))
	exports := module.Get("exports")
	m.must(f(goja.Undefined(), exports, m.newImporter(name, src), module, m.vm.ToValue("file://"+name), m.vm.ToValue(name), m.vm.ToValue(filepath.Dir(name))))
	m.esm[module.Get("exports").ToObject(m.vm)] = true
	if named := module.Get("exports").ToObject(m.vm).Get("module.exports"); named != nil && !goja.IsUndefined(named) {
		m.set(module, "exports", named)
	}
}

// linked are an import of names, or an export of another's: `import a, { b as c } from "d"`.
var linked = regexp.MustCompile(`\b(?:import|export)\s*(?:[\w$]+\s*,\s*)?\{([^}]*)\}\s*from\s*["']([^"'\n]+)["']`)

// listImports returns the names that a text imports, by the module that they are of.
func listImports(src string) map[string][]string {
	out := map[string][]string{}
	for _, m := range linked.FindAllStringSubmatch(src, -1) {
		for part := range strings.SplitSeq(m[1], ",") {
			if f := strings.Fields(part); len(f) > 0 && f[0] != "default" {
				out[m[2]] = append(out[m[2]], f[0])
			}
		}
	}
	return out
}

// jsonImport is an import of JSON that says so, as Node wants it.
var jsonImport = regexp.MustCompile(`\bimport\s+[\w$]+\s+from\s*["']([^"'\n]+)["']\s*with\s*\{\s*["']?type["']?\s*:\s*["']json["']\s*,?\s*\}`)

// newImporter returns what an ES module's imports are rewritten to. Node links before it
// runs: a name that is not exported is a SyntaxError, whether it is used or not, and what
// a CommonJS module exports is guessed from its text (importNamed). What may not be so
// here is not supported, like everything of a closed object.
func (m *machine) newImporter(from, src string) goja.Value {
	names := listImports(src)
	return m.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		module := call.Argument(0).String()
		if strings.HasSuffix(module, ".json") {
			return m.importJSON(from, src, module)
		}
		got := m.loadModule(from, module, true)
		o, ok := got.(*goja.Object)
		if ok && isTyped(from) {
			for _, name := range names[module] {
				if name != "type" && o.Get(name) == nil {
					return m.endUnsupported(fmt.Sprintf("the import of %s, which %s may not export", name, module))
				}
			}
		}
		if !ok || slices.Contains(m.standIns, o) {
			return got
		}
		if m.isCommonJS(o) {
			return m.importNamed(o, module, names[module])
		}
		if flag := o.Get("__esModule"); flag != nil && flag.ToBoolean() {
			if !m.esm[o] {
				return m.endUnsupported("the import of CommonJS that says it was an ES module")
			}
			for _, name := range names[module] {
				if o.Get(name) == nil {
					return m.endUnsupported(fmt.Sprintf("the import of %s, which %s does not export", name, module))
				}
			}
			return m.must(m.closed(goja.Undefined(), call.Argument(0), o))
		}
		return got
	})
}

// importJSON returns an import of JSON: its default alone, and only with an attribute.
func (m *machine) importJSON(from, src, module string) goja.Value {
	for _, found := range jsonImport.FindAllStringSubmatch(src, -1) {
		if found[1] == module {
			namespace := m.vm.NewObject()
			m.set(namespace, "default", m.loadModule(from, module, true))
			m.set(namespace, "__esModule", m.vm.ToValue(true))
			return namespace
		}
	}
	return m.endUnsupported("the import of JSON without its type")
}

// importNamed returns a CommonJS module of which these names are imported, each of which
// Node finds in its text for certain.
func (m *machine) importNamed(exports *goja.Object, module string, names []string) goja.Value {
	if flag := exports.Get("__esModule"); flag != nil && flag.ToBoolean() {
		return m.endUnsupported("the import of CommonJS that says it was an ES module")
	}
	if len(names) == 0 {
		return exports
	}
	for file, loaded := range m.loaded {
		if loaded.Get("exports") != goja.Value(exports) {
			continue
		}
		info, _ := m.lookAt(file)
		text, err := m.readText(file, info)
		if err != nil {
			return m.endUnsupported(err.Error())
		}
		known := listExported(file, text)
		for _, name := range names {
			if !slices.Contains(known, name) {
				return m.endUnsupported(fmt.Sprintf("the import of %s from the CommonJS module %s", name, module))
			}
		}
		return exports
	}
	return m.endUnsupported("the import of names from the CommonJS module " + module)
}

// isCommonJS reports whether the object is what a CommonJS module of the user's exports.
func (m *machine) isCommonJS(exports *goja.Object) bool {
	for _, module := range m.loaded {
		if module.Get("exports") == goja.Value(exports) && !m.esm[exports] {
			return true
		}
	}
	return false
}

// rewrite makes CommonJS of an ES module or of TypeScript, with a map of where it was.
func rewrite(name, src string, typed bool) (string, *ecosystem.Failure) {
	loader := api.LoaderJS
	if typed {
		loader = api.LoaderTS
	}
	defines := map[string]string{
		"import.meta.url": "__pm2drill_url", "import.meta.filename": "__pm2drill_file", "import.meta.dirname": "__pm2drill_dir",
	}
	if !typed {
		for _, name := range []string{"module", "exports", "require", "__filename", "__dirname"} {
			defines[name] = hidden + name
		}
	}
	got := api.Transform(src+"\nexport {}", api.TransformOptions{
		TsconfigRaw: verbatim,
		Loader:      loader, Format: api.FormatCommonJS, Target: api.ES2022, Platform: api.PlatformNode, Define: defines, LogLevel: api.LogLevelSilent,
		Sourcemap: api.SourceMapInline, Sourcefile: strings.TrimSuffix(name, filepath.Ext(name)) + ".js",
	})
	if len(got.Errors) == 0 {
		return string(got.Code), nil
	}
	e := got.Errors[0]
	f := &ecosystem.Failure{Class: ecosystem.Syntax, Message: "SyntaxError: " + e.Text}
	if strings.Contains(e.Text, "op-level await") {
		f.Class, f.Message = ecosystem.TopLevelAwait, "ERR_REQUIRE_ASYNC_MODULE: require() cannot load an ES module with top-level await"
	}
	if e.Location != nil {
		f.Line, f.Col = e.Location.Line, e.Location.Column+1
	}
	return "", f
}

// doubled is a static block with the word twice, which esbuild 0.28 lets pass and Node
// does not.
var doubled = regexp.MustCompile(`\bstatic\s+static\s*\{`)

// lowerSyntax rewrites syntax that the evaluator does not know to some that it does.
func lowerSyntax(src string) (string, bool) {
	if doubled.MatchString(src) {
		return "", false
	}
	got := api.Transform(src, api.TransformOptions{Loader: api.LoaderJS, Target: api.ES2020, Platform: api.PlatformNode, LogLevel: api.LogLevelSilent,
		Supported: map[string]bool{"dynamic-import": false}, Format: api.FormatCommonJS})
	return string(got.Code), len(got.Errors) == 0
}

// refuseSyntax refuses a text that cannot be parsed, or says that Node may parse it; shift
// is how much its first line was moved to the right.
func (m *machine) refuseSyntax(err error, shift int, src string) {
	if errors.Is(err, errPattern) {
		m.endUnsupported(err.Error())
		return
	}
	m.refuseOr(buildSyntaxFailure(err, shift), src)
}

// refuseOr refuses a text but for an assignment to what a function returns: that is an
// error in Node only when it is carried out (V8's parser-base.h,
// RewriteInvalidReferenceExpression), and to the parsers here at once.
func (m *machine) refuseOr(f ecosystem.Failure, src string) {
	assigns := strings.Contains(f.Message, "Invalid left-hand side") || strings.Contains(f.Message, "Invalid assignment target")
	if assigns && strings.Contains(src, ")") {
		m.endUnsupported(fmt.Sprintf("an assignment to what is no variable (line %d)", f.Line))
		return
	}
	m.refuse(f)
}

// buildSyntaxFailure says where a text cannot be parsed; shift is how far its first line
// was moved to the right.
func buildSyntaxFailure(err error, shift int) ecosystem.Failure {
	f := ecosystem.Failure{Class: ecosystem.Syntax, Message: err.Error()}
	var at file.Position
	var many parser.ErrorList
	var compiled *goja.CompilerSyntaxError
	switch {
	case errors.As(err, &many) && len(many) > 0:
		at, f.Message = many[0].Position, many[0].Message
	case errors.As(err, &compiled) && compiled.File != nil:
		at, f.Message = compiled.File.Position(compiled.Offset), compiled.Message
	}
	f.Message = "SyntaxError: " + strings.TrimPrefix(f.Message, "SyntaxError: ")
	f.Line, f.Col = at.Line, at.Column
	if at.Line == 1 {
		f.Col = max(1, at.Column-shift)
	}
	return f
}
