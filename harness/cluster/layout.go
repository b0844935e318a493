package cluster

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// Layout is where a fixture lies in its container, and by which names its process is asked
// for what: drawn for each run, so that no name tells of the scenario.
//
//	/srv/FOLDER/SCRIPT               every fixture in one file (fixtures.Bundle)
//	/srv/FOLDER/ecosystem.config.js  how PM2 runs it
//	/srv/FOLDER/REVISION             the id of the release that is deployed
//	SOCKET                           the journal, over which a worker hears what to run
type Layout struct {
	Folder   string            // below /srv
	Script   string            // with its extension
	Other    string            // the script of the other app, and its name in PM2 with .js
	Socket   string            // of the journal, absolute
	Paths    map[string]string // control path of a fixture, such as /stall -> path in this run
	Releases map[string]string // Current, Next or Candidate -> id in this run
}

// Releases of a fixture: the one that it starts with, a bad or slow one, and one that looks
// like that and is not.
const (
	Current   = "current"
	Next      = "next"
	Candidate = "candidate"
)

// Draw draws a layout. controls are the control paths of all fixtures: each layout has a
// path for each, whichever fixture runs.
func Draw(r *rand.Rand, controls []string) Layout {
	words, files := trades(), mains()
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	l := Layout{
		Folder: words[0], Script: files[r.IntN(len(files))] + ".js", Other: words[1] + ".js", Socket: fmt.Sprintf("/run/%s.sock", words[2]),
		Paths: map[string]string{}, Releases: map[string]string{},
	}
	for _, path := range controls {
		l.Paths[path] = fmt.Sprintf("/%s/%08x", words[3], r.Uint32())
	}
	for _, release := range []string{Current, Next, Candidate} {
		l.Releases[release] = fmt.Sprintf("%016x%016x%08x", r.Uint64(), r.Uint64(), r.Uint32())
	}
	return l
}

// trades are what companies call their services, and mains the files that start them.
func trades() []string {
	return strings.Fields(`accounts billing catalog checkout contacts invoices library listings loyalty messages
		orders payments prices profiles quotes reviews shipping stock tickets tours`)
}

func mains() []string { return strings.Fields("api app index main server start web www") }

// Dir is the fixture's folder.
func (l Layout) Dir() string { return "/srv/" + l.Folder }

// Ecosystem is the file that PM2 starts.
func (l Layout) Ecosystem() string { return l.Dir() + "/ecosystem.config.js" }

// Revision is the file that says which release is deployed.
func (l Layout) Revision() string { return l.Dir() + "/REVISION" }

// Path is what a control path of a fixture is called in this run, its query unchanged.
func (l Layout) Path(path string) string {
	for _, control := range slices.Sorted(maps.Keys(l.Paths)) {
		if rest, ok := cutPath(path, control); ok {
			return l.Paths[control] + rest
		}
	}
	return path
}

// cutPath cuts a path from the beginning of a request's target, and leaves the query.
func cutPath(target, path string) (query string, ok bool) {
	if len(target) < len(path) || target[:len(path)] != path {
		return "", false
	}
	query = target[len(path):]
	return query, query == "" || query[0] == '?'
}
