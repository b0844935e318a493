package ecosystem

import (
	"cmp"
	"slices"
)

// Request is a file to be evaluated.
type Request struct {
	Path    string  // as it is given to pm2
	Dialect Dialect // what PM2 takes it for, or what it is to be taken for
	Source  []byte
	Target  Target
}

// Evaluation is what came of it. Either Value holds what the file evaluates to, or
// Failure says why PM2 could not load it, or Unsupported says that nobody knows.
type Evaluation struct {
	Value       Value      `json:"value"`
	Failure     *Failure   `json:"failure,omitempty"`
	Unsupported string     `json:"unsupported,omitempty"` // what the evaluator does not know how to do as Node does it
	Line        int        `json:"line,omitempty"`        // of what is unsupported, from 1; 0 if unknown
	Col         int        `json:"col,omitempty"`         // from 1
	Node        bool       `json:"node,omitempty"`        // a real Node has said so
	Open        []string   `json:"open,omitempty"`        // what it depends on that nobody knows beforehand, e.g. "os.totalmem() is the host's"
	Others      []Value    `json:"others,omitempty"`      // Value under other assumptions about that: only what all have in common is decided
	Absent      []string   `json:"absent,omitempty"`      // packages that it loads, that package.json wants and that are not installed
	ESM         bool       `json:"esm,omitempty"`         // Node takes the file for an ES module
	Reads       []Read     `json:"reads,omitempty"`       // environment variables
	Effects     []Effect   `json:"effects,omitempty"`     // what loading it would have done to the host
	Files       []string   `json:"files,omitempty"`       // that it has read
	Repeated    []Position `json:"repeated,omitempty"`    // keys that one object of the text gives twice: where they stand the second time
	Positions   []Position `json:"positions,omitempty"`   // where the text says what, as far as that can be found; in the order of the apps
}

// Failure is an error that Node or PM2 would have thrown.
type Failure struct {
	Class   Class  `json:"class"`
	Message string `json:"message"`
	Line    int    `json:"line,omitempty"`   // from 1; 0 if unknown
	Col     int    `json:"col,omitempty"`    // from 1
	Module  string `json:"module,omitempty"` // of a missing one, its name
}

// Class is what kind of failure it is, where rules tell them apart.
type Class string

// The classes.
const (
	Syntax        Class = "syntax"
	Thrown        Class = "thrown"
	CommonJSInESM Class = "commonjs-in-esm" // `module` or `require` in an ES module
	ESMRequired   Class = "esm-required"    // the target's Node cannot require() an ES module
	TopLevelAwait Class = "top-level-await" // ERR_REQUIRE_ASYNC_MODULE
	MissingModule Class = "missing-module"
	TooSlow       Class = "too-slow"  // the limit of time
	TooLarge      Class = "too-large" // the limit of memory
)

// Read is an environment variable that the file has asked for.
type Read struct {
	Name string `json:"name"`
	Set  bool   `json:"set"`
}

// Effect is something that the file would have done to the host by being loaded.
type Effect struct {
	What string `json:"what"` // "prints", "exits", "writes a file", "runs a command", ...
	Call string `json:"call"` // e.g. "child_process.execSync(\"git rev-parse HEAD\")"
}

// TopLevel is the App of a position that belongs to none.
const TopLevel = -1

// Position is where a property stands in the text.
type Position struct {
	App   int    `json:"app"`   // from 0, or TopLevel
	Key   string `json:"key"`   // "kill_timeout", "env.PORT"; "" for the app itself
	Line  int    `json:"line"`  // from 1
	Col   int    `json:"col"`   // from 1
	Width int    `json:"width"` // of the key, in columns
}

// At is where a property of an app stands, or else the app itself; zero if neither is
// known. It needs Positions in the order of the apps.
func (e Evaluation) At(app int, key string) Position {
	first, _ := slices.BinarySearchFunc(e.Positions, app, func(p Position, app int) int { return cmp.Compare(p.App, app) })
	var whole Position
	for _, p := range e.Positions[first:] {
		switch {
		case p.App != app:
			return whole
		case p.Key == key:
			return p
		case p.Key == "":
			whole = p
		}
	}
	return whole
}
