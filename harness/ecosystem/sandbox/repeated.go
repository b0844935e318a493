package sandbox

import (
	"reflect"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// Repeated finds the keys that an object literal of a JavaScript text gives twice: the
// second place of each. Where something is spread in between, the first may count.
func Repeated(src string, dialect ecosystem.Dialect) []ecosystem.Position {
	parsed, err := parser.ParseFile(nil, "", plainScript(src, dialect), parser.IgnoreRegExpErrors, parser.WithDisableSourceMaps)
	if err != nil {
		return nil
	}
	l := &locator{file: parsed.File, shift: shiftOf(dialect)}
	walk(reflect.ValueOf(parsed.Body), func(node any) {
		if o, ok := node.(*ast.ObjectLiteral); ok {
			l.repeated(o)
		}
	})
	return l.found
}

func (l *locator) repeated(o *ast.ObjectLiteral) {
	seen := map[string]bool{}
	for _, p := range o.Value {
		if _, spread := p.(*ast.SpreadElement); spread {
			clear(seen)
		}
		if keyed, ok := p.(*ast.PropertyKeyed); ok && keyed.Kind != ast.PropertyKindValue {
			continue // a getter and a setter are one property
		}
		key, at, width := keyOf(p)
		if key != "" && seen[key] {
			l.add(ecosystem.TopLevel, key, at, width)
		}
		seen[key] = true
	}
}
