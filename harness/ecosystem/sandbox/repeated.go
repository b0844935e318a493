package sandbox

import (
	"github.com/dop251/goja/ast"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// repeated notes the keys that a literal gives twice. Where something is spread in
// between, the first may count.
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
			l.doubled = append(l.doubled, l.position(ecosystem.TopLevel, key, at, width))
		}
		seen[key] = true
	}
}
