package observe

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Moved is a link on disk that led to the app's code, and leads to other code now: the release was
// deployed by a link. PM2 keeps the path that it was started with (API.js resolves it once).
type Moved struct {
	Link   string        `json:"link"`   // absolute
	Folder string        `json:"folder"` // that it led to, where PM2's path of the script is
	Leads  string        `json:"leads"`  // where it leads now, and a script of that name is
	At     time.Duration `json:"at"`     // when it was changed, as far as that is known: not before the last look at it
}

// Bounds of a search for links.
const (
	linksEvery  = 2 * time.Second  // a known link is read
	searchEvery = 30 * time.Second // links are searched for
	maxLevels   = 5                // folders above the script that may hold a link
)

// links are those that lead to a folder that the app's script is in.
type links struct {
	script      string
	due, search time.Duration
	looked      time.Duration     // when the links were read last
	led         map[string]string // link -> folder
	moved       *Moved
}

// look returns the link by which another release of the app was deployed, nil for none. A link
// that leads away while another one still leads to the app's code is none.
func (l *links) look(procs []pm2.Process, app string, at time.Duration) *Moved {
	i := slices.IndexFunc(procs, func(p pm2.Process) bool { return p.Name == app && p.ID >= 0 })
	if i < 0 || at < l.due {
		return l.moved
	}
	if script := procs[i].Script; script != l.script {
		*l = links{script: script}
	}
	l.due = at + linksEvery
	if l.moved == nil && at >= l.search {
		l.search = at + searchEvery
		l.led = findLinks(l.script)
	}
	l.follow(at)
	l.looked = at
	return l.moved
}

// follow reads the known links, in the order of their names.
func (l *links) follow(at time.Duration) {
	was := l.moved
	l.moved = nil
	for _, link := range slices.Sorted(maps.Keys(l.led)) {
		folder := l.led[link]
		leads, err := filepath.EvalSymlinks(link)
		if err != nil || leads == folder {
			l.moved = nil
			return
		}
		st, err := os.Stat(leads + strings.TrimPrefix(l.script, folder))
		if err != nil || !st.Mode().IsRegular() || l.moved != nil {
			continue
		}
		l.moved = &Moved{Link: link, Folder: folder, Leads: leads, At: max(l.looked, at-computeLinkAge(link))}
		if was != nil && was.Link == link && was.Leads == leads {
			l.moved.At = was.At
		}
	}
}

// computeLinkAge returns how long ago a link was made, 0 if that is not known.
func computeLinkAge(link string) time.Duration {
	st, err := os.Lstat(link)
	if err != nil {
		return 0
	}
	return max(0, time.Since(st.ModTime()))
}

// findLinks returns the links beside the folders of a script that lead to one of them, by their
// paths. A script whose path goes through a link is read anew through it: it has none.
func findLinks(script string) map[string]string {
	led := map[string]string{}
	if real, err := filepath.EvalSymlinks(script); err != nil || real != script {
		return led
	}
	var folders []string
	for dir := filepath.Dir(script); dir != "/" && dir != "." && len(folders) < maxLevels; dir = filepath.Dir(dir) {
		folders = append(folders, dir)
	}
	for _, dir := range folders {
		entries, _ := os.ReadDir(dir) // none of one that is not readable
		for _, e := range entries[:min(len(entries), maxEntries)] {
			if e.Type()&os.ModeSymlink == 0 {
				continue
			}
			link := filepath.Join(dir, e.Name())
			if leads, err := filepath.EvalSymlinks(link); err == nil && slices.Contains(folders, leads) {
				led[link] = leads
			}
		}
	}
	return led
}
