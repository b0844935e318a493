package ecosystem

import (
	"math"
	"path"
	"path/filepath"
	"strings"
)

// Prepared is what PM2 makes of a verified app when it starts it
// (Common.prepareAppConf, lib/Common.js:105, and God.prepare, lib/God.js:109).
type Prepared struct {
	Cluster     bool
	Implied     bool // the mode is nowhere said: PM2 takes cluster for what it finds in instances
	Workers     int  // 0 if there is no saying: the daemon falls over
	Interpreter string
	Assumed     bool     // the script is not here, and its name alone says what interpreter it has
	Script      string   // absolute
	Cwd         string   // absolute
	NodeArgs    []string // that reach the interpreter, with those that PM2 adds
	Launcher    string   // the program between PM2 and the server, such as "npm"; "" if PM2's process is the server
	Refused     string   // why PM2 does not start the app, in its words; "" if it does
	target      Target
}

// Prepare says how the target's PM2 would start a verified app. files is the target's
// disk as far as it is here; nil if it is not.
func Prepare(app Value, t Target, files Files) Prepared {
	p := Prepared{Cwd: t.Cwd, target: t}
	if cwd := app.Get("cwd"); cwd.Is(String) && cwd.Text != "" {
		p.Cwd = joinPath(t.Cwd, cwd.Text)
	}
	script := app.Get("script").convertToText()
	p.Script = joinPath(p.Cwd, script)
	mode := app.Get("exec_mode").getTextOr("")
	by := resolve(app.Get("exec_interpreter").getTextOr(""), script, p.Script, strings.HasPrefix(mode, "cluster"), t, files)
	p.Interpreter, p.Assumed, p.Refused = by.interpreter, by.assumed, by.refused
	p.NodeArgs = append(listTexts(app.Get("node_args")), by.nodeArgs...)
	p.Launcher = findLauncher(by.interpreter, script, p.Script, listTexts(app.Get("args")), files)
	n := app.Get("instances")
	switch {
	case mode != "":
		p.Cluster = strings.HasPrefix(mode, "cluster")
	default:
		p.Cluster = n.Is(Number) && (n.Num >= 1 || n.Num == 0 || n.Num == -1) && isClustered(p.Interpreter, t)
		p.Implied = p.Cluster
	}
	p.Workers = Workers(n, t)
	return p
}

// OnNode reports whether Node runs the script: in cluster mode it always does.
func (p Prepared) OnNode() bool {
	return p.Cluster || strings.HasSuffix(path.Base(p.Interpreter), "node") || strings.Contains(p.Interpreter, "node@")
}

// Program reports whether PM2 takes the script for a program of its own, without an
// interpreter.
func (p Prepared) Program() bool { return p.Interpreter == noInterpreter }

// ArgsDir is the directory against which the interpreter resolves relative paths in
// NodeArgs: in fork mode the app's cwd (lib/God/ForkMode.js:103). In cluster mode it is
// that of the daemon: the worker changes to the app's cwd only when Node has long
// started (lib/ProcessContainer.js:276).
func (p Prepared) ArgsDir() (dir string, known bool) {
	if p.Cluster {
		return p.target.DaemonDir()
	}
	return p.Cwd, true
}

// Inherited are the arguments that the app finds before its own, where file is what
// PM2 was started with: in cluster mode those of PM2's process, in fork mode none.
func (p Prepared) Inherited(file string) []string {
	if !p.Cluster {
		return nil
	}
	return p.target.DaemonArgs(file)
}

// StartsWithEnv reports whether the process starts with the variables that the file
// gives the app: in fork mode it does (lib/God/ForkMode.js:95). A worker of a cluster
// starts with the daemon's, and gets those of the app when Node, its libraries and the
// linker have read theirs (lib/God/ClusterMode.js:57, lib/ProcessContainer.js:16).
func (p Prepared) StartsWithEnv() bool { return !p.Cluster }

// listTexts returns the strings of a value, one or many.
func listTexts(v Value) []string {
	if v.Is(String) {
		return []string{v.Text}
	}
	var out []string
	for _, x := range v.Items {
		out = append(out, x.convertToText())
	}
	return out
}

func (v Value) getTextOr(otherwise string) string {
	if v.Is(String) && v.Text != "" {
		return v.Text
	}
	return otherwise
}

func joinPath(dir, name string) string {
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
	count := math.Trunc(n.convertToNumber())
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
