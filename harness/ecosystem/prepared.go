package ecosystem

import (
	"math"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Prepared is what PM2 makes of a verified app when it starts it
// (Common.prepareAppConf, lib/Common.js:105, and God.prepare, lib/God.js:109).
type Prepared struct {
	Cluster     bool
	Implied     bool // the mode is nowhere said: PM2 takes cluster for what it finds in instances
	Workers     int  // 0 if there is no saying: the daemon falls over
	Interpreter string
	Script      string // absolute
	Cwd         string // absolute
}

// Prepare says how the target's PM2 would start a verified app. It looks at no file.
func Prepare(app Value, t Target) Prepared {
	p := Prepared{Cwd: t.Cwd}
	if cwd := app.Get("cwd"); cwd.Is(String) && cwd.Text != "" {
		p.Cwd = within(t.Cwd, cwd.Text)
	}
	script := app.Get("script").text()
	p.Script = within(p.Cwd, script)
	p.Interpreter = app.Get("exec_interpreter").textOr("")
	if p.Interpreter == "" {
		p.Interpreter = InterpreterFor(script, t)
	}
	mode := app.Get("exec_mode").textOr("")
	n := app.Get("instances")
	switch {
	case mode != "":
		p.Cluster = strings.HasPrefix(mode, "cluster")
	default:
		p.Cluster = n.Is(Number) && (n.Num >= 1 || n.Num == 0 || n.Num == -1) && clustered(p.Interpreter, t)
		p.Implied = p.Cluster
	}
	p.Workers = Workers(n, t)
	return p
}

func (v Value) textOr(otherwise string) string {
	if v.Is(String) && v.Text != "" {
		return v.Text
	}
	return otherwise
}

func within(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// Workers is how many PM2 would start (God.prepare, lib/God.js:138): 0 is one a core,
// a negative number that many fewer, and never less than one. It is 0 for a number
// that is none: the daemon dies of it.
func Workers(n Value, t Target) int {
	if n.Missing() {
		return 1
	}
	count := math.Trunc(n.number())
	switch {
	case math.IsNaN(count) || math.IsInf(count, 0):
		return 0
	case count == 0:
		count = float64(t.CPUs)
	case count < 0:
		count += float64(t.CPUs)
	}
	return int(max(1, count))
}

// InterpreterFor is what PM2 runs a script with where nothing is said
// (lib/API/interpreter.json). TypeScript goes to bun; from 7.0 on to Node, where
// there is no bun and Node can strip types.
func InterpreterFor(script string, t Target) string {
	by := map[string]string{
		".sh": "bash", ".py": "python", ".rb": "ruby", ".php": "php", ".pl": "perl", ".js": "node",
		".coffee": "coffee", ".ls": "lsc", ".ts": "bun", ".tsx": "bun",
	}
	ext := path.Ext(script)
	if ext == ".ts" && t.PM2AtLeast("7.0.0") && t.NodeAtLeast("22.6.0") {
		return "node"
	}
	if name, ok := by[ext]; ok {
		return name
	}
	return "node" // or none, if the file is a binary
}

// clustered reports whether PM2 takes cluster mode for such an interpreter where
// only instances is given: by the end of its name from 7.0 on, by any part of its
// path before (Common.js:346).
func clustered(interpreter string, t Target) bool {
	names := []string{"node", "bun"}
	if !t.PM2AtLeast("6.0.0") {
		names = names[:1]
	}
	return slices.ContainsFunc(names, func(name string) bool {
		if t.PM2AtLeast("7.0.0") {
			return regexp.MustCompile(name + "$").MatchString(path.Base(interpreter))
		}
		return strings.Contains(interpreter, name)
	})
}
