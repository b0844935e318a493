package ecosystem

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/semver"
)

// Target is the host that a configuration is for, which is seldom the one that it
// is checked on.
type Target struct {
	CPUs   int               // os.cpus().length there, which is what PM2 counts too (God.js:18)
	Memory int64             // bytes
	Node   string            // version of Node that runs PM2, e.g. "26.10.0"
	PM2    string            // version, e.g. "7.0.4"
	Env    string            // what --env names, "" for none
	OS     map[string]string // the environment that pm2 is called in
	Cwd    string            // the directory that pm2 is called in
	Route  Route             // how PM2 itself is started; "" for ByCommand
}

// NodeAtLeast reports whether the target's Node is that version or newer.
func (t Target) NodeAtLeast(version string) bool { return !isOlder(t.Node, version) }

// PM2AtLeast reports whether the target's PM2 is that version or newer.
func (t Target) PM2AtLeast(version string) bool { return !isOlder(t.PM2, version) }

func isOlder(a, b string) bool { return semver.Compare("v"+a, "v"+b) < 0 }

// RequiresESM reports whether the target's Node lets require() load an ES module:
// from 20.19 and 22.12 on without a flag, and all later lines
// (nodejs.org/api/modules.html, "Loading ECMAScript modules using require()").
func (t Target) RequiresESM() bool {
	switch parseMajor(t.Node) {
	case 20:
		return t.NodeAtLeast("20.19.0")
	case 22:
		return t.NodeAtLeast("22.12.0")
	}
	return parseMajor(t.Node) >= 23
}

// DetectsESM reports whether the target's Node takes a file that says neither by its
// name nor by a package.json what it is for an ES module when its syntax is one:
// from 20.19 and 22.7 on (nodejs.org/api/packages.html, "Syntax detection").
func (t Target) DetectsESM() bool {
	switch parseMajor(t.Node) {
	case 20:
		return t.NodeAtLeast("20.19.0")
	case 22:
		return t.NodeAtLeast("22.7.0")
	}
	return parseMajor(t.Node) >= 23
}

// StripsTypes reports whether the target's Node runs TypeScript without a flag: from
// 22.18 on, and in the 23 line from 23.6 (nodejs.org/api/typescript.html).
func (t Target) StripsTypes() bool {
	if parseMajor(t.Node) == 23 {
		return t.NodeAtLeast("23.6.0")
	}
	return t.NodeAtLeast("22.18.0")
}

func parseMajor(version string) int {
	head, _, _ := strings.Cut(version, ".")
	n, _ := strconv.Atoi(head)
	return n
}

// String is the target in one line, for people.
func (t Target) String() string {
	env := "no --env"
	if t.Env != "" {
		env = "--env " + t.Env
	}
	if t.Route != "" {
		env += ", --target " + string(t.Route)
	}
	return fmt.Sprintf("PM2 %s, Node %s, %d cores, %s", t.PM2, t.Node, t.CPUs, env)
}

// Names lists the names of the environment's variables, sorted.
func (t Target) Names() []string { return slices.Sorted(maps.Keys(t.OS)) }
