package sandbox

import (
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/unistring"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

var exportDefault = regexp.MustCompile(`\bexport\s+default\b\s?`)

// dynamicImport is a call that the parser does not know; a name in its place is one.
var dynamicImport = regexp.MustCompile(`\bimport(\s*\()`)

// esmSyntax is what is blanked out: imports, lists of exports, and the word export
// before a declaration.
var esmSyntax = []*regexp.Regexp{
	regexp.MustCompile(`(?m)^[ \t]*import\s+(?:[\w*{][^;"']*?\sfrom\s*)?["'][^"'\n]*["'](?:\s+with\s*\{[^}]*\})?;?`),
	regexp.MustCompile(`(?m)^[ \t]*export\s*\{[^}]*\}\s*(?:from\s*["'][^"'\n]*["'])?;?`),
	regexp.MustCompile(`(?m)^[ \t]*export\b`),
	regexp.MustCompile(`\bimport\.meta\b`),
}

// blankOut replaces a text by blanks and keeps the length and the lines. What stands for
// a value stays one.
func blankOut(s string) string {
	if s == "import.meta" {
		return "import_meta"
	}
	return strings.Map(func(c rune) rune {
		if c == '\n' {
			return c
		}
		return ' '
	}, s)
}

// findLiterals returns the object literals that the i-th app is made of.
func (l *locator) findLiterals(root ast.Expression, config ecosystem.Config, i int) []*ast.ObjectLiteral {
	var lists []ast.Expression
	if config.Under != "" {
		for _, e := range l.resolve(root) {
			if o, ok := e.(*ast.ObjectLiteral); ok {
				if v := findProperty(o, config.Under); v != nil {
					lists = append(lists, l.resolve(v)...)
				}
			}
		}
		if len(lists) == 0 {
			lists = l.resolve(l.consts[unistring.NewFromString(config.Under)])
		}
	} else {
		lists = l.resolve(root)
	}
	var out []*ast.ObjectLiteral
	for _, e := range lists {
		switch n := e.(type) {
		case *ast.ArrayLiteral:
			if element := findElement(n, i); element != nil && !l.isOfAnother(element, config.Apps[i].Get("name").Text) {
				out = append(out, selectLiterals(l.resolve(element))...)
			}
		case *ast.ObjectLiteral:
			out = append(out, n)
		}
	}
	return append(out, l.byName[config.Apps[i].Get("name").Text]...)
}

// isOfAnother reports whether an element of a list is another app than the one of that
// name, whose literal is in the text, too: the list was filtered or sorted.
func (l *locator) isOfAnother(element ast.Expression, name string) bool {
	from := selectLiterals(l.resolve(element))
	return len(from) > 0 && findName(from[0]) != "" && findName(from[0]) != name && len(l.byName[name]) > 0
}

// findElement returns the i-th element, nil if one before it is spread.
func findElement(list *ast.ArrayLiteral, i int) ast.Expression {
	if i >= len(list.Value) {
		return nil
	}
	for _, e := range list.Value[:i+1] {
		if _, spread := e.(*ast.SpreadElement); spread {
			return nil
		}
	}
	return list.Value[i]
}

func selectLiterals(all []ast.Expression) []*ast.ObjectLiteral {
	var out []*ast.ObjectLiteral
	for _, e := range all {
		if o, ok := e.(*ast.ObjectLiteral); ok {
			out = append(out, o)
		}
	}
	return out
}

// locateTop locates the keys beside the apps.
func (l *locator) locateTop(root ast.Expression, config ecosystem.Config) {
	if config.Under == "" {
		return
	}
	from := selectLiterals(l.resolve(root))
	for _, f := range config.Top.Fields {
		l.locateProperty(ecosystem.TopLevel, f.Key, f.Key, from)
	}
}

// locateApp locates an app and its properties, those of its environments among them.
func (l *locator) locateApp(i int, app ecosystem.Value, from []*ast.ObjectLiteral) {
	if len(from) > 0 {
		l.add(i, "", from[0].LeftBrace, 1)
	}
	for _, f := range app.Fields {
		l.locateProperty(i, f.Key, f.Key, from)
		if !f.Value.Is(ecosystem.Object) {
			continue
		}
		var within []*ast.ObjectLiteral
		for _, o := range from {
			within = append(within, selectLiterals(l.resolve(findProperty(o, f.Key)))...)
		}
		for _, g := range f.Value.Fields {
			l.locateProperty(i, f.Key+"."+g.Key, g.Key, within)
		}
	}
}

// locateProperty locates a key: in the literals given, else in whatever literal has it,
// except those of other apps.
func (l *locator) locateProperty(app int, path, key string, from []*ast.ObjectLiteral) {
	for _, o := range from {
		for _, p := range o.Value {
			name, at, width := findKey(p)
			if name == key {
				l.add(app, path, at, width)
				return
			}
		}
	}
	own := ""
	if app != ecosystem.TopLevel {
		own = l.names[app]
	}
	for _, p := range l.byKey[key] {
		if p.owner == "" || p.owner == own || !slices.Contains(l.names, p.owner) {
			l.add(app, path, p.at, p.width)
			return
		}
	}
}

func (l *locator) add(app int, key string, at file.Idx, width int) {
	l.found = append(l.found, l.buildPosition(app, key, at, width))
}

func (l *locator) buildPosition(app int, key string, at file.Idx, width int) ecosystem.Position {
	pos := l.file.Position(int(at) - 1)
	col := pos.Column
	if pos.Line == 1 {
		col -= l.shift
	}
	return ecosystem.Position{App: app, Key: key, Line: pos.Line, Col: col, Width: width}
}

// findKey returns a property's name, where it begins and how long it is; "" if it is
// computed.
func findKey(p ast.Property) (name string, at file.Idx, width int) {
	switch n := p.(type) {
	case *ast.PropertyShort:
		return n.Name.Name.String(), n.Name.Idx, len(n.Name.Name.String())
	case *ast.PropertyKeyed:
		if s, ok := n.Key.(*ast.StringLiteral); ok && !n.Computed {
			return s.Value.String(), s.Idx, len(s.Literal)
		}
	}
	return "", 0, 0
}

// findProperty returns what the literal gives the key, nil if it does not have it.
func findProperty(o *ast.ObjectLiteral, key string) ast.Expression {
	for _, p := range o.Value {
		if name, _, _ := findKey(p); name == key {
			switch n := p.(type) {
			case *ast.PropertyShort:
				return &n.Name
			case *ast.PropertyKeyed:
				return n.Value
			}
		}
	}
	return nil
}
