package sandbox

import (
	"github.com/dop251/goja/ast"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// noteRepeated notes the keys that a literal gives twice. Where something is spread in
// between, the first may count.
func (l *locator) noteRepeated(o *ast.ObjectLiteral) {
	seen := map[string]string{} // of each key, what it is given
	for _, p := range o.Value {
		if _, spread := p.(*ast.SpreadElement); spread {
			clear(seen)
		}
		if keyed, ok := p.(*ast.PropertyKeyed); ok && keyed.Kind != ast.PropertyKindValue {
			continue // a getter and a setter are one property
		}
		key, at, width := findKey(p)
		if was, twice := seen[key]; key != "" && twice && was != l.valueText(p) {
			l.doubled = append(l.doubled, l.buildPosition(ecosystem.TopLevel, key, at, width))
		}
		seen[key] = l.valueText(p)
	}
}

// valueText is what the text gives a key.
func (l *locator) valueText(p ast.Property) string {
	keyed, ok := p.(*ast.PropertyKeyed)
	if !ok {
		return ""
	}
	src, base := l.file.Source(), l.file.Base()
	from, to := int(keyed.Value.Idx0())-base, int(keyed.Value.Idx1())-base
	if from < 0 || from > to || to > len(src) {
		return ""
	}
	return src[from:to]
}
