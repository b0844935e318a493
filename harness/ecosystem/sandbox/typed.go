package sandbox

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/dop251/goja"
	"github.com/evanw/esbuild/pkg/api"
)

// findTypedFormat says how Node loads TypeScript that the configuration requires, and
// compiles what is CommonJS. Node from 22.18 on takes the types away and changes nothing
// else (nodejs.org/api/typescript.html, "Type stripping"): what has no JavaScript in its
// place, such as an enum, is an error there, and is not evaluated here.
func (m *machine) findTypedFormat(file, src string) (format, *goja.Program) {
	kind, ext := "", filepath.Ext(file)
	if ext == ".ts" {
		kind = parsePackageType(m.readScope(file))
	}
	esm := ext == ".mts" || kind == "module" || kind == "" && ext == ".ts" && isESM(src)
	switch {
	case !m.req.Target.StripsTypes(), unerasable.MatchString(src), !esm && isESM(src), esm && ofCommonJS.MatchString(src):
		m.endUnsupported("TypeScript that is required")
		return esModule, nil
	case esm:
		return esModule, nil
	}
	got := api.Transform(src, api.TransformOptions{Loader: api.LoaderTS, Target: api.ES2022, Platform: api.PlatformNode, LogLevel: api.LogLevelSilent, TsconfigRaw: verbatim})
	script, err := compile(file, string(got.Code))
	if len(got.Errors) > 0 || err != nil {
		m.endUnsupported("TypeScript that is required")
		return commonJS, nil
	}
	return commonJS, script
}

// isTyped reports whether the file is TypeScript by its name.
func isTyped(file string) bool {
	return strings.HasSuffix(file, ".ts") || strings.HasSuffix(file, ".mts") || strings.HasSuffix(file, ".cts")
}

// verbatim keeps imports that only types use, as Node does.
const verbatim = `{"compilerOptions":{"verbatimModuleSyntax":true}}`

// unerasable is what may be syntax of TypeScript that is more than types.
var unerasable = regexp.MustCompile(`(?m)\b(enum|namespace)\s+\w|\bmodule\s+["'\w]|\bconstructor\s*\([^)]*\b(public|private|protected|readonly|override)\b|\bimport\s+\w+\s*=|\bexport\s*(=|import)|^\s*@[A-Za-z]|\baccessor\s|([=(,:?|&]|\breturn)\s*<[A-Za-z]`)

// ofCommonJS are the variables of a CommonJS module, which an ES module does not have.
var ofCommonJS = regexp.MustCompile(`\b(require|module|exports|__filename|__dirname)\b`)
