package sandbox

import (
	"embed"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/ecosystem/yaml"
)

//go:embed shim/*.js
var shims embed.FS

// evaluationTime is how long a file may take. Node would let it for ever; a
// configuration that takes longer is wrong whatever it returns, if it has computed for
// computingTime meanwhile. If it has not, the host is to blame.
const (
	evaluationTime = 2 * time.Second
	computingTime  = 500 * time.Millisecond
)

// callDepth is how deep calls may nest. V8 allows some ten thousand.
const callDepth = 4000

// machine is one evaluation.
type machine struct {
	req    ecosystem.Request
	vm     *goja.Runtime
	out    ecosystem.Evaluation
	closed goja.Callable
	node   *goja.Object            // what shim/modules.js returns
	loaded map[string]*goja.Object // modules by file, while they load too
	texts  []string                // of the files that were loaded
	esm    map[*goja.Object]bool   // namespaces of ES modules
	read   bool                    // the value has been read
	broken *stop                   // why the evaluation is being broken off, nil if it is not
	values int                     // that were taken out
	syntax *goja.Object            // the class SyntaxError, whatever the file makes of that name

	world    World
	rand     *rand.Rand     // of the world
	standIns []*goja.Object // for what nobody knows
}

// stop is why an evaluation is broken off; no JavaScript can catch it.
type stop struct {
	unsupported string
	line, col   int // of what is unsupported, 0 if unknown
	failure     *ecosystem.Failure
}

// explainSlow returns why a file is broken off that takes longer, and has computed so
// long.
func explainSlow(computed time.Duration) stop {
	if computed < computingTime {
		return stop{unsupported: fmt.Sprintf("more time than this busy host has: it computed for %v in %v", computed.Round(time.Millisecond), evaluationTime)}
	}
	return stop{failure: &ecosystem.Failure{Class: ecosystem.TooSlow, Message: fmt.Sprintf("loading the file takes longer than %v: pm2 hangs with it", evaluationTime)}}
}

// measureComputed returns the processor time of this process.
func measureComputed() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Evaluate evaluates the file in this process, which its memory is not kept from. What
// the interpreter itself breaks down at (Object.fromEntries([[]]), say) is unsupported.
func Evaluate(req ecosystem.Request) (out ecosystem.Evaluation) {
	defer func() {
		if broken := recover(); broken != nil {
			out.Unsupported = fmt.Sprintf("something at which the interpreter breaks down (%v)", broken)
		}
	}()
	if req.Dialect == ecosystem.YAML {
		return yaml.Evaluate(req)
	}
	all := Worlds()
	first := evaluateIn(all[0], req)
	if len(first.Open) == 0 || first.Unsupported != "" && len(first.Absent) == 0 {
		return first
	}
	evaluations := []ecosystem.Evaluation{first}
	for _, w := range all[1:] {
		evaluations = append(evaluations, evaluateIn(w, req))
	}
	return Agree(evaluations)
}

// evaluateIn evaluates the file in one world.
func evaluateIn(w World, req ecosystem.Request) ecosystem.Evaluation {
	m := &machine{req: req, world: w, vm: goja.New(), loaded: map[string]*goja.Object{}, esm: map[*goja.Object]bool{}}
	m.rand = m.newRandom()
	m.syntax = m.vm.Get("SyntaxError").ToObject(m.vm)
	m.inhabit()
	m.vm.SetMaxCallStackSize(callDepth)
	before := measureComputed()
	limit := time.AfterFunc(evaluationTime, func() {
		m.vm.Interrupt(explainSlow(measureComputed() - before))
	})
	defer limit.Stop()
	var value ecosystem.Value
	// All of it is within one call from here, so that promises are not resolved before
	// the value is read: PM2 reads it in the same turn, too.
	// It is JavaScript that calls, lest goja take each call from here for a turn of its own.
	turn, err := m.vm.RunString("(work) => work()")
	if err == nil {
		_, err = m.call(turn, m.vm.ToValue(func(goja.FunctionCall) goja.Value {
			m.furnish()
			value = m.convert(m.evaluate(), nil)
			m.read = true
			return goja.Undefined()
		}))
	}
	switch {
	case m.read && m.broken == nil: // what promises do later is not seen by PM2
	case m.broken != nil:
		m.noteStop(*m.broken)
		return m.out
	case err != nil:
		m.fail(err)
		return m.out
	}
	m.out.Value = value
	m.locate()
	return m.out
}

// Locate finds where the text says what it says.
func (m *machine) locate() {
	if config, rejected := ecosystem.ConfigOf(m.out.Value); rejected == nil {
		if v, ok := m.out.ByDefault(config); ok {
			config, _ = ecosystem.ConfigOf(v) // an object or a list is never rejected
		}
		m.out.Positions, m.out.Repeated = Locate(string(m.req.Source), m.req.Dialect, config)
	}
}

func (m *machine) call(fn goja.Value, args ...goja.Value) (goja.Value, error) {
	f, ok := goja.AssertFunction(fn)
	if !ok {
		return nil, errors.New("the sandbox has no such function")
	}
	return f(goja.Undefined(), args...)
}

// must returns the result of a call within JavaScript: an exception goes on through.
func (m *machine) must(v goja.Value, err error) goja.Value {
	if err != nil {
		panic(convertThrown(m, err))
	}
	return v
}

// convertThrown returns what to panic with so that JavaScript sees the same error.
func convertThrown(m *machine, err error) any {
	var thrown *goja.Exception
	if errors.As(err, &thrown) {
		return thrown.Value()
	}
	return m.vm.NewGoError(err)
}

// furnish sets up the globals.
func (m *machine) furnish() {
	host := m.makeHost()
	closed := m.must(m.call(m.loadShim("closed"), host))
	m.closed, _ = goja.AssertFunction(closed)
	files := m.must(m.call(m.loadShim("path"), closed, host))
	data := m.must(m.call(m.loadShim("data"), closed, host))
	tools := m.must(m.call(m.loadShim("tools"), closed, host, data))
	m.node = m.must(m.call(m.loadShim("modules"), closed, files, host, data, tools)).ToObject(m.vm)
	m.set(m.node, "absent", m.must(m.call(m.loadShim("absent"), host, m.describeWorld())))
	global := m.vm.GlobalObject()
	m.set(global, "global", global)
	globals := m.node.Get("globals").ToObject(m.vm)
	for _, name := range globals.Keys() {
		m.set(global, name, globals.Get(name))
	}
	for _, name := range m.readNames(m.node, "lacking") {
		m.markLacking(global, name, "the global "+name)
	}
	of := m.node.Get("lackingOf").ToObject(m.vm)
	for _, path := range of.Keys() {
		class, proto, _ := strings.Cut(path, ".")
		owner := m.vm.Get(class).ToObject(m.vm)
		if proto != "" {
			owner = owner.Get(proto).ToObject(m.vm)
		}
		for _, name := range m.readNames(of, path) {
			m.markLacking(owner, name, path+"."+name)
		}
	}
	m.disableLocales()
	m.set(m.vm.Get("Error").ToObject(m.vm), "captureStackTrace", m.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		if o, ok := call.Argument(0).(*goja.Object); ok {
			text := func(goja.FunctionCall) goja.Value { return m.endUnsupported("the stack of an error") }
			m.must(goja.Undefined(), o.DefineAccessorProperty("stack", m.vm.ToValue(text), goja.Undefined(), goja.FLAG_TRUE, goja.FLAG_FALSE))
		}
		return goja.Undefined()
	}))
	m.restrictTexts()
}

// readNames returns a list of names of the shims.
func (m *machine) readNames(of *goja.Object, list string) []string {
	var out []string
	if err := m.vm.ExportTo(of.Get(list), &out); err != nil {
		panic(m.vm.NewGoError(err))
	}
	return out
}

func (m *machine) set(o *goja.Object, name string, v goja.Value) {
	if err := o.Set(name, v); err != nil {
		panic(m.vm.NewGoError(err))
	}
}

// loadShim returns the function that a file of shim/ consists of.
func (m *machine) loadShim(name string) goja.Value {
	src, err := shims.ReadFile(path.Join("shim", name+".js"))
	if err != nil {
		panic(m.vm.NewGoError(err))
	}
	return m.must(m.vm.RunScript(name+".js", strings.TrimSpace(string(src))))
}

// endUnsupported ends the evaluation because of what is not supported.
func (m *machine) endUnsupported(what string) goja.Value {
	why := stop{unsupported: what}
	why.line, why.col = m.findPlaceInFile(m.vm.CaptureCallStack(0, nil))
	return m.stop(why)
}

// noteStop notes why the evaluation was broken off.
func (m *machine) noteStop(why stop) {
	m.out.Unsupported, m.out.Failure, m.out.Line, m.out.Col = why.unsupported, why.failure, why.line, why.col
}

// stop breaks the evaluation off: at the next step of whatever JavaScript runs, and
// where none does, at the end.
func (m *machine) stop(why stop) goja.Value {
	if m.broken == nil && !m.read {
		m.broken = &why
	}
	m.vm.Interrupt(why)
	return goja.Undefined()
}

// refuse ends the evaluation with a failure that Node would have, or PM2.
func (m *machine) refuse(f ecosystem.Failure) goja.Value {
	return m.stop(stop{failure: &f})
}

// evaluate does what Common.parseConfig does (lib/Common.js:279) for all but YAML.
func (m *machine) evaluate() goja.Value {
	if m.req.Dialect == ecosystem.JSON {
		return m.evaluateJSON()
	}
	return m.require(m.findEntry(), string(m.req.Source))
}

// findEntry returns the file as Node loads it: by its real path, which is what __dirname
// is made of (nodejs.org/api/modules.html, "require(id)" and "--preserve-symlinks-main").
func (m *machine) findEntry() string { return resolveLinks(m.makeAbsolute(m.req.Path)) }

func (m *machine) makeAbsolute(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(m.req.Target.Cwd, name)
}

// evaluateJSON evaluates a .json file as PM2 does: as JavaScript within parentheses.
func (m *machine) evaluateJSON() goja.Value {
	src := "(" + string(m.req.Source) + ")"
	program, err := compileScript(m.req.Path, src, false, parser.WithDisableSourceMaps)
	if err != nil {
		m.refuseSyntax(err, 1, src)
		return goja.Undefined()
	}
	return m.must(m.vm.RunProgram(program))
}
