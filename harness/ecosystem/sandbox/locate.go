package sandbox

import (
	"reflect"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
	"github.com/dop251/goja/unistring"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// Locate finds where in a JavaScript text each property of each app stands. It is a
// guess wherever the text computes its objects; what it cannot find it leaves out. repeated
// are the keys that one object literal gives twice, where they stand the second time.
func Locate(src string, dialect ecosystem.Dialect, config ecosystem.Config) (found, repeated []ecosystem.Position) {
	parsed, err := parser.ParseFile(nil, "", blankModuleSyntax(src, dialect), parser.IgnoreRegExpErrors, parser.WithDisableSourceMaps)
	if err != nil {
		return nil, nil
	}
	l := &locator{file: parsed.File, shift: computeShift(dialect), consts: map[unistring.String]ast.Expression{}, byName: map[string][]*ast.ObjectLiteral{}, byKey: map[string][]place{}, owner: map[*ast.ObjectLiteral]string{}, seen: map[ast.Expression]bool{}}
	walk(reflect.ValueOf(parsed.Body), l.note) // declarations, object literals and exports
	root := l.root
	if dialect == ecosystem.JSON {
		if s, ok := parsed.Body[0].(*ast.ExpressionStatement); ok {
			root = s.Expression
		}
	}
	for _, app := range config.Apps {
		l.names = append(l.names, app.Get("name").Text)
	}
	l.locateTop(root, config)
	for i, app := range config.Apps {
		l.locateApp(i, app, l.findLiterals(root, config, i))
	}
	return l.found, l.doubled
}

// locator is one search.
type locator struct {
	file   *file.File
	shift  int
	root   ast.Expression                      // what is exported, nil if that is unclear
	consts map[unistring.String]ast.Expression // what names are declared as
	byName map[string][]*ast.ObjectLiteral     // every literal that has a name, by it
	byKey  map[string][]place                  // of every key, its places in the text, in order
	owner  map[*ast.ObjectLiteral]string       // of every literal that has a name or is a property of one, that name
	seen   map[ast.Expression]bool             // what is being resolved: names may go in circles
	names  []string                            // of the apps
	found  []ecosystem.Position

	doubled []ecosystem.Position
}

// place is where a key stands, how long it is, and the name of what has it, "" if it has
// none.
type place struct {
	at    file.Idx
	width int
	owner string
}

// indexLiteral notes a literal's name and its keys.
func (l *locator) indexLiteral(o *ast.ObjectLiteral) {
	if name := findName(o); name != "" {
		l.byName[name] = append(l.byName[name], o)
		l.owner[o] = name
	}
	for _, p := range o.Value {
		if key, at, width := findKey(p); key != "" {
			l.byKey[key] = append(l.byKey[key], place{at, width, l.owner[o]})
		}
		if keyed, ok := p.(*ast.PropertyKeyed); ok && l.owner[o] != "" {
			if inner, ok := keyed.Value.(*ast.ObjectLiteral); ok {
				l.owner[inner] = l.owner[o]
			}
		}
	}
}

// findName returns the name that a literal gives itself, "" if it gives none or computes
// it.
func findName(o *ast.ObjectLiteral) string {
	if s, ok := findProperty(o, "name").(*ast.StringLiteral); ok {
		return s.Value.String()
	}
	return ""
}

// blankModuleSyntax blanks out what makes a text an ES module, without moving the rest.
func blankModuleSyntax(src string, dialect ecosystem.Dialect) string {
	if dialect == ecosystem.JSON {
		return "(" + src + ")"
	}
	if strings.HasPrefix(src, "#!") {
		src = "//" + src[2:]
	}
	src = exportDefault.ReplaceAllStringFunc(src, func(s string) string {
		return "module.exports=" + strings.Repeat(" ", max(0, len(s)-15))
	})
	src = dynamicImport.ReplaceAllString(src, "Import$1")
	for _, syntax := range esmSyntax {
		src = syntax.ReplaceAllStringFunc(src, blankOut)
	}
	return src
}

func computeShift(dialect ecosystem.Dialect) int {
	if dialect == ecosystem.JSON {
		return 1
	}
	return 0
}

func (l *locator) note(node any) {
	switch n := node.(type) {
	case *ast.ObjectLiteral:
		l.indexLiteral(n)
		l.noteRepeated(n)
	case *ast.Binding:
		if id, ok := n.Target.(*ast.Identifier); ok && n.Initializer != nil {
			l.consts[id.Name] = n.Initializer
		}
	case *ast.FunctionLiteral:
		if n.Name != nil {
			l.consts[n.Name.Name] = n
		}
	case *ast.AssignExpression:
		if dot, ok := n.Left.(*ast.DotExpression); ok {
			if id, ok := dot.Left.(*ast.Identifier); ok && id.Name == "module" && dot.Identifier.Name == "exports" {
				l.root = n.Right
			} else if ok && id.Name == "exports" || isModuleExports(dot.Left) {
				l.consts[dot.Identifier.Name] = n.Right
			}
		}
	}
}

func isModuleExports(e ast.Expression) bool {
	dot, ok := e.(*ast.DotExpression)
	if !ok {
		return false
	}
	id, ok := dot.Left.(*ast.Identifier)
	return ok && id.Name == "module" && dot.Identifier.Name == "exports"
}

// resolve follows an expression to the literals that it may be made of, the one
// that counts most first.
func (l *locator) resolve(e ast.Expression) []ast.Expression {
	if e == nil || l.seen[e] {
		return nil
	}
	l.seen[e] = true
	defer delete(l.seen, e)
	switch n := e.(type) {
	case *ast.ObjectLiteral:
		out := []ast.Expression{n}
		for i := len(n.Value) - 1; i >= 0; i-- { // the last spread wins
			if s, ok := n.Value[i].(*ast.SpreadElement); ok {
				out = append(out, l.resolve(s.Expression)...)
			}
		}
		return out
	case *ast.ArrayLiteral:
		return []ast.Expression{n}
	case *ast.Identifier:
		return l.resolve(l.consts[n.Name])
	case *ast.FunctionLiteral:
		return l.resolveReturned(n.Body)
	case *ast.ArrowFunctionLiteral:
		if body, ok := n.Body.(*ast.ExpressionBody); ok {
			return l.resolve(body.Expression)
		}
		if body, ok := n.Body.(*ast.BlockStatement); ok {
			return l.resolveReturned(body)
		}
	case *ast.ConditionalExpression:
		return append(l.resolve(n.Consequent), l.resolve(n.Alternate)...)
	case *ast.BinaryExpression:
		return append(l.resolve(n.Right), l.resolve(n.Left)...)
	case *ast.CallExpression:
		return l.resolveCall(n)
	}
	return nil
}

// resolveCall returns what a call may return: of a function of the file's its literal, of
// one like Object.assign or defineConfig its arguments, the last first; of map and its
// like what the callback returns.
func (l *locator) resolveCall(n *ast.CallExpression) []ast.Expression {
	out := l.resolve(n.Callee)
	for i := len(n.ArgumentList) - 1; i >= 0; i-- {
		out = append(out, l.resolve(n.ArgumentList[i])...)
	}
	if dot, ok := n.Callee.(*ast.DotExpression); ok {
		out = append(out, l.resolve(dot.Left)...)
	}
	return out
}

func (l *locator) resolveReturned(body *ast.BlockStatement) []ast.Expression {
	var out []ast.Expression
	for _, s := range body.List {
		if r, ok := s.(*ast.ReturnStatement); ok {
			out = append(out, l.resolve(r.Argument)...)
		}
	}
	return out
}
