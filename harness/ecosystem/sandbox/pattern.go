package sandbox

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"
)

// errPattern is of a regular expression that Node may take otherwise than the interpreter:
// with the flag u it lets pass what Node refuses, and it knows no other kind of group.
var errPattern = errors.New("a regular expression of a kind that is not known here")

var (
	// unicodePattern is one with the flag u that means the same to both: characters of
	// ASCII, the escapes that u leaves, groups, classes and quantifiers
	// (tc39.es/ecma262/#sec-patterns, with [UnicodeMode]).
	unicodePattern = regexp.MustCompile(`^(?:` +
		`[\w .^$|:;,=@/#%&'"!<>~-]` + // characters, of which the last needs no escape outside of a class
		`|\\[dDwWsSbBnrtvf^$\\.*+?()\[\]{}|/]` +
		`|\((?:\?(?:[:=!]|<[=!]|<[A-Za-z_$][\w$]*>))?|\)` +
		`|\[\^?(?:[ -,./0-Z^-~]|-|\\[dDwWsSbnrtvf^$\\.*+?()\[\]{}|/-])*\]` +
		`|(?:[*+?]|\{\d+(?:,\d*)?\})\??` +
		`)*$`)
	class = regexp.MustCompile(`\[\^?(?:\\.|[^\]\\])*\]`)
	// refusedRange is a range to or from a class, an error with u.
	refusedRange = regexp.MustCompile(`\\[dDwWsS]-[^\]]|[^\[^]-\\[dDwWsS]`)
	group        = regexp.MustCompile(`\(\?(?:[:=!]|<[=!]|<([A-Za-z_$][\w$]*)>)?`)
)

// checkPatterns looks at every regular expression in a text, for one that is wrong is an
// error in Node before anything is run.
func checkPatterns(program *ast.Program) error {
	var scratch *goja.Runtime
	for _, lit := range appendPatterns(reflect.ValueOf(program.Body), nil) {
		if isOddPattern(lit) {
			return errPattern
		}
		if scratch == nil {
			scratch = goja.New()
		}
		if _, err := scratch.RunString(lit.Literal); err != nil {
			at := program.File.Position(int(lit.Idx) - program.File.Base())
			return parser.ErrorList{{Position: at, Message: "Invalid regular expression: " + lit.Literal}}
		}
	}
	return nil
}

// isOddPattern reports whether Node may take the expression otherwise.
func isOddPattern(lit *ast.RegExpLiteral) bool {
	if strings.Contains(lit.Flags, "v") || strings.Contains(lit.Flags, "u") && isOddUnicode(lit.Pattern) {
		return true
	}
	named := map[string]bool{}
	for _, m := range group.FindAllStringSubmatch(lit.Pattern, -1) {
		if m[0] == "(?" || named[m[1]] {
			return true
		}
		named[m[1]] = m[1] != ""
	}
	return false
}

// isOddUnicode reports whether Node may take a pattern with the flag u otherwise. To a
// quantifier behind a look-around it is an error.
func isOddUnicode(pattern string) bool {
	look := strings.Contains(pattern, "(?=") || strings.Contains(pattern, "(?!") || strings.Contains(pattern, "(?<=") || strings.Contains(pattern, "(?<!")
	return look || !unicodePattern.MatchString(pattern) || slices.ContainsFunc(class.FindAllString(pattern, -1), refusedRange.MatchString)
}

// appendPatterns appends the regular expressions of a syntax tree.
func appendPatterns(v reflect.Value, found []*ast.RegExpLiteral) []*ast.RegExpLiteral {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return found
		}
		switch x := v.Interface().(type) {
		case *ast.RegExpLiteral:
			return append(found, x)
		case *file.File:
			return found
		}
		return appendPatterns(v.Elem(), found)
	case reflect.Slice:
		for i := range v.Len() {
			found = appendPatterns(v.Index(i), found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "DeclarationList" { // its nodes are in the body
				found = appendPatterns(v.Field(i), found)
			}
		}
	}
	return found
}
