package sandbox

import (
	"errors"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// mostValues is how many values a configuration may have.
const mostValues = 200_000

// convert takes a value out of the sandbox. within are the objects that it is in.
func (m *machine) convert(v goja.Value, within []*goja.Object) ecosystem.Value {
	switch {
	case v == nil || goja.IsUndefined(v):
		return ecosystem.Value{Kind: ecosystem.Undefined}
	case goja.IsNull(v):
		return ecosystem.Value{Kind: ecosystem.Null}
	}
	o, ok := v.(*goja.Object)
	if !ok {
		return convertPrimitive(v)
	}
	if slices.Contains(m.standIns, o) {
		return m.guessValue()
	}
	if slices.Contains(within, o) {
		return ecosystem.Value{Kind: ecosystem.Circular}
	}
	m.values++
	if m.values > mostValues {
		m.refuse(ecosystem.Failure{Class: ecosystem.TooLarge, Message: "the configuration has more values than anybody can mean"})
		return ecosystem.Value{}
	}
	for _, module := range m.loaded {
		if o == module {
			m.endUnsupported("the object module as a value")
		}
	}
	if m.vm.Try(func() { o.GetSymbol(goja.SymToStringTag) }) != nil {
		m.endUnsupported("an object that throws when it is looked at") // PM2 looks otherwise than this does
		return ecosystem.Value{}
	}
	within = append(within, o)
	if _, calls := goja.AssertFunction(o); calls {
		v := ecosystem.Value{Kind: ecosystem.Function}
		for _, key := range o.Keys() { // PM2 looks for apps in them, as in those of any object
			v.Fields = append(v.Fields, ecosystem.Field{Key: key, Value: m.convert(o.Get(key), within)})
		}
		return v
	}
	class := o.ClassName()
	if tag, ok := o.GetSymbol(goja.SymToStringTag).(goja.String); ok && class == "Object" {
		class = tag.String()
	}
	switch class {
	case "Array":
		return m.convertArray(o, within)
	case "Object", "Error", "Arguments", "Module":
		return m.convertObject(o, within)
	default:
		return ecosystem.Value{Kind: ecosystem.Other, Text: class}
	}
}

// convertPrimitive returns a value that is no object.
func convertPrimitive(v goja.Value) ecosystem.Value {
	if _, ok := v.(*goja.Symbol); ok {
		return ecosystem.Value{Kind: ecosystem.Other, Text: "Symbol"}
	}
	switch x := v.Export().(type) {
	case bool:
		return ecosystem.Value{Kind: ecosystem.Bool, True: x}
	case string:
		return ecosystem.Value{Kind: ecosystem.String, Text: x}
	case int64:
		return ecosystem.Value{Kind: ecosystem.Number, Num: float64(x)}
	case float64:
		return ecosystem.Value{Kind: ecosystem.Number, Num: x}
	}
	return ecosystem.Value{Kind: ecosystem.Other, Text: "BigInt"}
}

func (m *machine) convertArray(o *goja.Object, within []*goja.Object) ecosystem.Value {
	n := int(o.Get("length").ToInteger())
	if n > mostValues {
		m.refuse(ecosystem.Failure{Class: ecosystem.TooLarge, Message: "the configuration has an array longer than anybody can mean"})
		return ecosystem.Value{}
	}
	out := ecosystem.Value{Kind: ecosystem.Array, Items: make([]ecosystem.Value, n)}
	for i := range n {
		out.Items[i] = m.convert(o.Get(m.vm.ToValue(i).String()), within)
	}
	return out
}

func (m *machine) convertObject(o *goja.Object, within []*goja.Object) ecosystem.Value {
	if m.inherits(o) {
		m.endUnsupported("an object with a prototype of its own")
	}
	keys := o.Keys()
	if hidden := o.GetOwnPropertyNames(); len(hidden) > len(keys) && !slices.Contains(hidden, "__esModule") {
		m.endUnsupported("properties that are not enumerable")
	}
	out := ecosystem.Value{Kind: ecosystem.Object}
	for _, key := range keys {
		out.Fields = append(out.Fields, ecosystem.Field{Key: key, Value: m.convert(o.Get(key), within)})
	}
	return out
}

// inherits reports whether properties that PM2 asks for may come to the object from a
// prototype, where PM2 finds some of them and loses others: it copies an app's own ones
// (Config.validateJSON, lib/tools/Config.js:84). Methods of a class are not asked for.
func (m *machine) inherits(o *goja.Object) bool {
	if slices.Contains(m.listProxies(), o) { // process.env answers for itself
		return false
	}
	own := o.GetOwnPropertyNames()
	for proto := o.Prototype(); proto != nil; proto = proto.Prototype() {
		for _, class := range []string{"Object", "Error"} {
			if proto == m.vm.Get(class).ToObject(m.vm).Get("prototype") {
				return false
			}
		}
		for _, name := range proto.GetOwnPropertyNames() {
			if isAsked(name) && !slices.Contains(own, name) {
				return true
			}
		}
	}
	return false
}

// isAsked reports whether PM2 asks a configuration or an app for a property of that name.
func isAsked(name string) bool {
	if slices.Contains([]string{"apps", "pm2", "deploy", "static", "default", "__esModule"}, name) || strings.HasPrefix(name, "env") {
		return true
	}
	return slices.ContainsFunc(ecosystem.Settings(), func(s ecosystem.Setting) bool { return s.Key == name || slices.Contains(s.AllAliases(), name) })
}

// listProxies returns the proxies that a configuration may hand on.
func (m *machine) listProxies() []*goja.Object {
	process := m.node.Get("modules").ToObject(m.vm).Get("process").ToObject(m.vm)
	return []*goja.Object{process.Get("env").ToObject(m.vm)}
}

// fail records why an evaluation came to nothing.
func (m *machine) fail(err error) {
	var broken *goja.InterruptedError
	var deep *goja.StackOverflowError
	var thrown *goja.Exception
	switch {
	case errors.As(err, &broken):
		if s, ok := broken.Value().(stop); ok {
			m.noteStop(s)
			return
		}
		m.out.Unsupported = broken.Error()
	case errors.As(err, &deep):
		m.out.Unsupported = "calls nested deeper than this evaluator goes"
	case errors.As(err, &thrown):
		if len(m.out.Absent) > 0 { // what stands for a package is not what the file wants
			m.out.Unsupported = "the package " + m.out.Absent[0] + ", which is in package.json and not installed here (npm ci)"
			return
		}
		f := m.buildFailure(thrown)
		if file := m.leftToHost(f.Message); file != "" {
			m.out.Unsupported, m.out.Line, m.out.Col = "the file "+file+", which each host has for itself and this one has not", f.Line, f.Col
			return
		}
		m.out.Failure = f
	default:
		m.out.Unsupported = err.Error()
	}
}
