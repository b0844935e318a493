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
//	/srv/FOLDER-current              a link to FOLDER, by which releases may be deployed
//	SOCKET                           the journal, over which a worker hears what to run
type Layout struct {
	Folder   string            // below /srv
	Script   string            // with its extension
	Other    string            // another app, which is nobody's business: its folder below /srv, its script without .js, and PM2's name of it
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

// Releases are all of them, in the order by which a worker hears of them.
func Releases() []string { return []string{Current, Next, Candidate} }

// Draw draws a layout. controls are the control paths of all fixtures: each layout has a
// path for each, whichever fixture runs.
//
// Names of files come from names, which a seed may have made. What a process inside must not
// guess comes from secrets: ids and paths.
func Draw(names, secrets *rand.Rand, controls []string) Layout {
	words, files := listTrades(), listMains()
	names.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	l := Layout{
		Folder: words[0], Script: files[names.IntN(len(files))] + ".js", Other: words[1], Socket: fmt.Sprintf("/run/%s.sock", words[2]),
		Paths: map[string]string{}, Releases: map[string]string{},
	}
	for _, path := range controls {
		l.Paths[path] = fmt.Sprintf("/%s/%016x%016x", words[3], secrets.Uint64(), secrets.Uint64())
	}
	for _, release := range Releases() {
		l.Releases[release] = fmt.Sprintf("%016x%016x%08x", secrets.Uint64(), secrets.Uint64(), secrets.Uint32())
	}
	return l
}

// listTrades returns names that companies give their services.
func listTrades() []string {
	return strings.Fields(`accounts billing catalog checkout contacts invoices library listings loyalty messages
		orders payments prices profiles quotes reviews shipping stock tickets tours`)
}

func listMains() []string { return strings.Fields("api app index main server start web www") }

// Dir is the fixture's folder.
func (l Layout) Dir() string { return "/srv/" + l.Folder }

// Link is the link by which a release may be deployed: it leads to the fixture's folder at first.
func (l Layout) Link() string { return l.Dir() + "-current" }

// Ecosystem is the file that PM2 starts.
func (l Layout) Ecosystem() string { return l.Dir() + "/ecosystem.config.js" }

// Revision is the file that says which release is deployed.
func (l Layout) Revision() string { return l.Dir() + "/REVISION" }

// Previous is the file that says which release was deployed before the last deployment.
func (l Layout) Previous() string { return l.Dir() + "/REVISION.previous" }

// getOtherScript returns the path of the other app's script.
func (l Layout) getOtherScript() string { return fmt.Sprintf("/srv/%s/%s.js", l.Other, l.Other) }

// Folders are those that the apps' files are in.
func (l Layout) Folders() []string { return []string{l.Dir(), "/srv/" + l.Other} }

// Readable says what each drawn name stands for, for who reads the record.
func (l Layout) Readable() map[string]string {
	out := map[string]string{l.Dir() + "/" + l.Script: "the app", l.Socket: "the app's journal"}
	for path, drawn := range l.Paths {
		out[drawn] = path
	}
	for release, id := range l.Releases {
		out[id] = "release " + release
	}
	return out
}

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
