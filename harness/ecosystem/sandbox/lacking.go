package sandbox

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// lacks has a property that Node has and this has not be unsupported.
func (m *machine) lacks(owner *goja.Object, name, what string) {
	get := m.vm.ToValue(func(goja.FunctionCall) goja.Value { return m.unsupported(what) })
	set := m.vm.ToValue(func(goja.FunctionCall) goja.Value { return m.unsupported("an assignment to " + what) })
	if err := owner.DefineAccessorProperty(name, get, set, goja.FLAG_TRUE, goja.FLAG_FALSE); err != nil {
		panic(m.vm.NewGoError(err))
	}
}

// withoutLocales takes away what depends on ICU, and on where the host stands: a Date's
// text names its time zone.
func (m *machine) withoutLocales() {
	for class, methods := range map[string][]string{
		"Number": {"toLocaleString"}, "Array": {"toLocaleString"}, "BigInt": {"toLocaleString"},
		"Date":   {"toLocaleString", "toLocaleDateString", "toLocaleTimeString", "toString", "toTimeString"},
		"String": {"localeCompare", "toLocaleUpperCase", "toLocaleLowerCase", "normalize"},
	} {
		proto := m.vm.Get(class).ToObject(m.vm).Get("prototype").ToObject(m.vm)
		for _, name := range methods {
			m.set(proto, name, m.vm.ToValue(func(goja.FunctionCall) goja.Value {
				return m.unsupported(class + ".prototype." + name)
			}))
		}
	}
}

// withOwnTexts leaves a function its text if that stands in a file of the user's: Node's
// own are written otherwise.
func (m *machine) withOwnTexts() {
	proto := m.vm.Get("Function").ToObject(m.vm).Get("prototype").ToObject(m.vm)
	original, _ := goja.AssertFunction(proto.Get("toString"))
	m.set(proto, "toString", m.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		text := m.must(original(call.This))
		if slices.ContainsFunc(m.texts, func(src string) bool { return strings.Contains(src, text.String()) }) {
			return text
		}
		return m.unsupported("the text of a function that is not of the file")
	}))
}
