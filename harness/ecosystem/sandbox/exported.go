package sandbox

import (
	"reflect"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
)

// listExported returns the names that Node finds for certain in the text of a CommonJS
// module, so that an ES module can import them (github.com/nodejs/cjs-module-lexer,
// "Grammar"): those that are assigned to exports or to module.exports one by one, and the
// first ones of an object literal. Node may find more.
func listExported(file, src string) []string {
	parsed, err := parser.ParseFile(nil, file, wrapperHead+src+wrapperTail, parser.IgnoreRegExpErrors, parser.WithDisableSourceMaps)
	if err != nil {
		return nil
	}
	var out []string
	walk(reflect.ValueOf(parsed.Body), func(node any) {
		a, ok := node.(*ast.AssignExpression)
		if !ok {
			return
		}
		dot, ok := a.Left.(*ast.DotExpression)
		if !ok {
			return
		}
		if isModuleExports(dot) {
			if literal, ok := a.Right.(*ast.ObjectLiteral); ok {
				out = append(out, listFirstNames(literal)...)
			}
			return
		}
		id, ok := dot.Left.(*ast.Identifier)
		if ok && id.Name == "exports" || isModuleExports(dot.Left) {
			out = append(out, dot.Identifier.Name.String())
		}
	})
	return out
}

// listFirstNames returns the properties of a literal up to the first that is no plain
// name.
func listFirstNames(o *ast.ObjectLiteral) []string {
	var out []string
	for _, p := range o.Value {
		name, _, _ := findKey(p)
		switch n := p.(type) {
		case *ast.PropertyShort:
		case *ast.PropertyKeyed:
			if _, plain := n.Value.(*ast.Identifier); !plain || n.Kind != ast.PropertyKindValue {
				return out
			}
		default:
			return out
		}
		if name == "" {
			return out
		}
		out = append(out, name)
	}
	return out
}

// walk calls visit with every node of a syntax tree.
func walk(v reflect.Value, visit func(node any)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer {
			visit(v.Interface())
		}
		walk(v.Elem(), visit)
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// A function lists its declarations besides having them in its body.
			if name := v.Type().Field(i).Name; name != "DeclarationList" && name != "File" && v.Type().Field(i).IsExported() {
				walk(v.Field(i), visit)
			}
		}
	}
}
