package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// largestFile is how much of a file may be read.
const largestFile = 4 << 20

// makeHost returns what the shims may ask of the world.
func (m *machine) makeHost() *goja.Object {
	t := m.req.Target
	o := m.vm.NewObject()
	env := m.vm.NewObject()
	for _, name := range t.Names() {
		m.set(env, name, m.vm.ToValue(t.OS[name]))
	}
	argv := []any{"/usr/bin/node", "/usr/bin/pm2", "start", m.req.Path}
	if t.Env != "" {
		argv = append(argv, "--env", t.Env)
	}
	for name, v := range map[string]any{
		"env": env, "argv": m.vm.NewArray(argv...), "cwd": t.Cwd, "cpus": t.CPUs, "node": t.Node,
		"effect": func(what, call string) {
			m.out.Effects = append(m.out.Effects, ecosystem.Effect{What: what, Call: call})
		},
		"reads":       m.noteRead,
		"unsupported": func(call goja.FunctionCall) goja.Value { return m.endUnsupported(call.Argument(0).String()) },
		"exit":        m.endByExit,
		"read":        m.readFile,
		"real":        m.resolveRealPath,
		"totalmem":    m.getTotalMemory,
		"freemem":     func() int64 { m.noteOpen("os.freemem() is the host's"); return m.world.Memory / 3 },
		"guess":       m.guessText,
		"assumed":     m.assumeVariable,
		"bytes":       m.drawBytes,
		"standIn":     m.noteStandIn,
		"encode":      m.encode,
		"decode":      m.decode,
		"digest":      m.digest,
		"parseURL":    m.parseURL,
		"changeURL":   m.changeURL,
		"parseEnv":    m.parseEnv,
		"stat":        m.statFile,
		"list":        m.list,
	} {
		m.set(o, name, m.vm.ToValue(v))
	}
	return o
}

// noteRead notes that the file has asked for a variable.
func (m *machine) noteRead(name string, set bool) {
	r := ecosystem.Read{Name: name, Set: set}
	if !slices.Contains(m.out.Reads, r) {
		m.out.Reads = append(m.out.Reads, r)
	}
}

// endByExit ends the evaluation, as process.exit ends pm2.
func (m *machine) endByExit(code int) goja.Value {
	call := fmt.Sprintf("process.exit(%d)", code)
	m.out.Effects = append(m.out.Effects, ecosystem.Effect{What: "exits", Call: call})
	return m.refuse(ecosystem.Failure{Class: ecosystem.Thrown, Message: "the file ends pm2: it calls " + call})
}

// found answers the shims: a file, a directory, or none.
type found map[string]any

// lookAt returns what is at a path; it follows links, as Node does.
func (m *machine) lookAt(name string) (fs.FileInfo, found) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), err != nil && strings.Contains(err.Error(), "not a directory"):
		return nil, found{"missing": true}
	case err != nil:
		m.endUnsupported(fmt.Sprintf("a path that cannot be looked at: %v", err))
		return nil, found{"missing": true}
	}
	return info, found{"missing": false, "file": info.Mode().IsRegular(), "directory": info.IsDir(), "size": info.Size()}
}

func (m *machine) statFile(name string) found {
	_, out := m.lookAt(name)
	return out
}

func (m *machine) readFile(name string) found {
	info, out := m.lookAt(name)
	if info == nil || info.IsDir() {
		return out
	}
	text, err := m.readText(name, info)
	if err != nil {
		m.endUnsupported(err.Error())
	}
	out["text"] = text
	return out
}

// readText reads a regular file of at most largestFile bytes.
func (m *machine) readText(name string, info fs.FileInfo) (string, error) {
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s, which is no regular file", name)
	}
	if info.Size() > largestFile {
		return "", fmt.Errorf("%s, which is larger than %d MiB", name, largestFile>>20)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("a file that cannot be read: %w", err)
	}
	if !slices.Contains(m.out.Files, name) {
		m.out.Files = append(m.out.Files, name)
	}
	return strings.ToValidUTF8(string(raw), "\ufffd"), nil
}

func (m *machine) resolveRealPath(name string) found {
	if _, out := m.lookAt(name); out["missing"] == true {
		return out
	}
	return found{"missing": false, "name": resolveLinks(name)}
}

// getTotalMemory returns os.totalmem() of the target.
func (m *machine) getTotalMemory() int64 {
	if m.req.Target.Memory > 0 {
		return m.req.Target.Memory
	}
	m.noteOpen("os.totalmem() is the host's (say it with --memory)")
	return m.world.Memory
}

// assumeVariable returns what a variable that is not set has, if a package that is not
// installed may have set it.
func (m *machine) assumeVariable() goja.Value {
	if len(m.out.Absent) == 0 || m.world.Unset {
		return goja.Undefined()
	}
	return m.vm.ToValue(m.world.Text)
}

func (m *machine) list(dir string) found {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return found{"missing": true}
	}
	names, types := make([]any, len(entries)), make([]any, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
		switch {
		case e.Type().IsRegular():
			types[i] = "file"
		case e.IsDir():
			types[i] = "directory"
		case e.Type()&fs.ModeSymlink != 0:
			types[i] = "link"
		}
	}
	return found{"missing": false, "names": m.vm.NewArray(names...), "types": m.vm.NewArray(types...)}
}
