package sandbox

import (
	"regexp"
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// markLacking makes a property that Node has and this machine has not unsupported.
func (m *machine) markLacking(owner *goja.Object, name, what string) {
	get := m.vm.ToValue(func(goja.FunctionCall) goja.Value { return m.endUnsupported(what) })
	set := m.vm.ToValue(func(goja.FunctionCall) goja.Value { return m.endUnsupported("an assignment to " + what) })
	if err := owner.DefineAccessorProperty(name, get, set, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		panic(m.vm.NewGoError(err))
	}
}

// disableLocales makes what depends on ICU, and on where the host stands, a guess or
// unsupported: a Date's text names its time zone.
func (m *machine) disableLocales() {
	for class, methods := range map[string][]string{
		"Number": {"toLocaleString"}, "Date": {"toLocaleString", "toLocaleDateString", "toLocaleTimeString", "toString", "toTimeString"},
	} {
		proto := m.vm.Get(class).ToObject(m.vm).Get("prototype").ToObject(m.vm)
		for _, name := range methods {
			m.set(proto, name, m.vm.ToValue(func(goja.FunctionCall) goja.Value {
				return m.vm.ToValue(m.guessText(class + ".prototype." + name + " depends on the host's language and time zone"))
			}))
		}
	}
	for class, methods := range map[string][]string{"Array": {"toLocaleString"}, "BigInt": {"toLocaleString"}, "String": {"toLocaleUpperCase", "toLocaleLowerCase"}} {
		proto := m.vm.Get(class).ToObject(m.vm).Get("prototype").ToObject(m.vm)
		for _, name := range methods {
			m.set(proto, name, m.vm.ToValue(func(goja.FunctionCall) goja.Value {
				return m.endUnsupported(class + ".prototype." + name)
			}))
		}
	}
	text := m.vm.Get("String").ToObject(m.vm).Get("prototype").ToObject(m.vm)
	original, _ := goja.AssertFunction(text.Get("normalize"))
	m.set(text, "normalize", m.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		if !isASCII(call.This.String()) {
			return m.endUnsupported("String.prototype.normalize of letters that are not ASCII")
		}
		return m.must(original(call.This, call.Arguments...))
	}))
	m.set(text, "localeCompare", m.vm.ToValue(m.collate))
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c > 0x7f }) < 0
}

// collated are the characters whose order is the same in all languages that have them, in
// this order (unicode.org/reports/tr35/tr35-collation.html, the root collation).
const collated = "_-.0123456789abcdefghijklmnopqrstuvwxyz"

// collate returns the localeCompare() of plain names: letters first, and where they are
// the same, the small ones before the capitals.
func (m *machine) collate(call goja.FunctionCall) goja.Value {
	a, b := call.This.String(), call.Argument(0).String()
	la, lb := strings.ToLower(a), strings.ToLower(b)
	known := strings.Trim(la, collated) == "" && strings.Trim(lb, collated) == ""
	if len(call.Arguments) > 1 || !known {
		return m.endUnsupported("String.prototype.localeCompare of such texts")
	}
	ranks := func(s string) []int {
		out := make([]int, len(s))
		for i := range len(s) {
			out[i] = strings.IndexByte(collated, s[i])
		}
		return out
	}
	if c := slices.Compare(ranks(la), ranks(lb)); c != 0 {
		return m.vm.ToValue(c)
	}
	return m.vm.ToValue(-strings.Compare(a, b)) // a capital's code is the smaller
}

// native is the text of a function of the language.
var native = regexp.MustCompile(`^function [A-Za-z]+\(\) \{ \[native code\] \}$`)

// restrictTexts leaves a function its text if that is in a file of the user's, or if it
// is one of the language: Node's own are written otherwise.
func (m *machine) restrictTexts() {
	proto := m.vm.Get("Function").ToObject(m.vm).Get("prototype").ToObject(m.vm)
	original, _ := goja.AssertFunction(proto.Get("toString"))
	m.set(proto, "toString", m.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		text := m.must(original(call.This))
		if native.MatchString(text.String()) || slices.ContainsFunc(m.texts, func(src string) bool { return strings.Contains(src, text.String()) }) {
			return text
		}
		return m.endUnsupported("the text of a function that is not of the file")
	}))
}
