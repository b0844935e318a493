package observe

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/pm2drill/pm2drill/harness/host"
	"github.com/pm2drill/pm2drill/harness/pm2"
	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// File is what became of a file that the app's processes could not load or read.
type File struct {
	nodeerr.Missing
	Path  string `json:"path,omitempty"`  // where it belongs; "" outside the app's folder, where nobody looks
	There bool   `json:"there,omitempty"` // it is there by now; of data, and it is JSON
}

// maxData bounds a file of data that is read to see whether it is JSON, in bytes.
const maxData = 1 << 20

// lookAtFiles looks whether files are there that the app's processes have complained of. Of
// those that do not belong in the app's folder it says nothing: a log line alone has the engine
// look at nothing else.
func lookAtFiles(missing []nodeerr.Missing, procs []pm2.Process, app string) []File {
	var out []File
	for _, m := range missing {
		f := File{Missing: m}
		for _, p := range procs {
			if p.Name == app && p.ID >= 0 && f.Path == "" {
				f = lookAtFile(m, p)
			}
		}
		out = append(out, f)
	}
	return out
}

// lookAtFile looks for a file in the folder of one worker.
func lookAtFile(m nodeerr.Missing, p pm2.Process) File {
	var places []string
	for _, place := range listPlaces(m, p) {
		if isWithin(place, p.Cwd) || isWithin(place, filepath.Dir(p.Script)) {
			places = append(places, place)
		}
	}
	out := File{Missing: m}
	if len(places) == 0 {
		return out
	}
	out.Path = places[0]
	for _, place := range places {
		if _, err := os.Stat(place); err != nil {
			continue
		}
		if m.Data && !hasJSON(place) {
			continue
		}
		out.Path, out.There = place, true
		break
	}
	return out
}

// hasJSON reports whether a file of data is complete.
func hasJSON(name string) bool {
	text, err := host.ReadFile(name, maxData)
	return err == nil && json.Valid(text)
}

// listPlaces lists the paths that a file may be at, the likeliest first.
func listPlaces(m nodeerr.Missing, p pm2.Process) []string {
	from := filepath.Dir(p.Script)
	if filepath.IsAbs(m.From) {
		from = filepath.Dir(m.From)
	}
	switch relative := strings.HasPrefix(m.Name, "./") || strings.HasPrefix(m.Name, "../"); {
	case filepath.IsAbs(m.Name):
		return listVariants(filepath.Clean(m.Name))
	case m.From == "":
		return []string{filepath.Join(p.Cwd, m.Name)} // of the file system, and not of a module
	case relative:
		return listVariants(filepath.Join(from, m.Name))
	}
	out := []string{filepath.Join(p.Cwd, "node_modules", cutPackage(m.Name))} // where most are
	for folder := from; ; folder = filepath.Dir(folder) {                     // as Node looks for packages
		out = append(out, filepath.Join(folder, "node_modules", cutPackage(m.Name)))
		if folder == filepath.Dir(folder) {
			return out
		}
	}
}

// listVariants lists what Node tries of a module's path (lib/internal/modules/cjs/loader.js,
// Module._findPath).
func listVariants(path string) []string {
	return []string{path, path + ".js", path + ".json", path + ".node", path + ".cjs", path + ".mjs"}
}

// cutPackage returns the package of a module: "@scope/name" of "@scope/name/lib/x".
func cutPackage(name string) string {
	parts := strings.SplitN(name, "/", 3)
	if strings.HasPrefix(name, "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}

// isWithin reports whether a path lies in a folder, which must not be the whole host.
func isWithin(path, folder string) bool {
	if !filepath.IsAbs(folder) || filepath.Clean(folder) == "/" {
		return false
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}
