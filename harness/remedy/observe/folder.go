package observe

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/pm2"
)

// Bounds of one look at an app's folder.
const (
	folderEvery = time.Second
	maxEntries  = 2000
)

// folder is what lies in an app's folder while not all of the app's workers run. What is changed
// there may mend what they die of: a file of settings, or a part of the code. Where no process of
// the app runs, somebody else has changed it, whatever it is; while one does, it may be writing
// its own data, so that only code and settings count.
type folder struct {
	due    time.Duration
	ran    bool             // a process of the app ran at the last look, or has since the look before
	starts int              // of the app's processes so far, by PM2's count
	known  map[string]stamp // nil while all run, or nobody has looked
}

// stamp tells one content of a file from the next.
type stamp struct {
	changed time.Time
	size    int64
}

// look says when something in the app's folder has been changed since the last look.
func (f *folder) look(procs []pm2.Process, workers []Worker, app string, at time.Duration) (Event, bool) {
	i := slices.IndexFunc(procs, func(p pm2.Process) bool { return p.Name == app && p.ID >= 0 })
	if i < 0 || !slices.ContainsFunc(workers, func(w Worker) bool { return !w.Alive }) {
		*f = folder{}
		return Event{}, false
	}
	if at < f.due {
		return Event{}, false
	}
	was := *f
	*f = folder{due: at + folderEvery, known: readFolders(procs[i].Cwd, filepath.Dir(procs[i].Script))}
	for _, w := range workers {
		f.starts += w.Restarts
		f.ran = f.ran || w.Alive
	}
	f.ran = f.ran || f.starts != was.starts
	if was.known == nil || f.known == nil {
		return Event{}, false
	}
	counts := func(path string) bool { return !was.ran && !f.ran || isSource(filepath.Base(path)) }
	for path := range f.known {
		if was.known[path] != f.known[path] && counts(path) {
			return Event{At: at, Kind: KindDeploy, ID: -1, Text: path + " was changed on disk"}, true
		}
	}
	for path := range was.known {
		if _, there := f.known[path]; !there && counts(path) {
			return Event{At: at, Kind: KindDeploy, ID: -1, Text: path + " was removed from disk"}, true
		}
	}
	return Event{}, false
}

// isSource reports whether a file is one that people write, and hardly any app: code or settings.
func isSource(name string) bool {
	switch filepath.Ext(name) {
	case ".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".yml", ".yaml", ".toml", ".ini", ".env", ".pem", ".crt", ".key":
		return true
	}
	return name == "package.json" || strings.HasPrefix(name, ".env") || strings.HasPrefix(name, "ecosystem.config.")
}

// readFolders lists what lies in folders and right below them, but for what others write there
// all the time; nil where that is too much to look at.
func readFolders(folders ...string) map[string]stamp {
	known := map[string]stamp{}
	for i, top := range folders {
		if slices.Contains(folders[:i], top) || !filepath.IsAbs(top) || filepath.Clean(top) == "/" {
			continue
		}
		for _, name := range readFolder(top, known) {
			if len(known) > maxEntries {
				return nil
			}
			readFolder(name, known)
		}
	}
	return known
}

// readFolder adds what lies in a folder to known, and returns the folders among it. Of a symbolic
// link it is what it leads to: releases share their settings so (shared/.env).
func readFolder(top string, known map[string]stamp) (folders []string) {
	entries, _ := os.ReadDir(top) // none of a folder that is away, or not readable
	for _, e := range entries[:min(len(entries), maxEntries)] {
		path := filepath.Join(top, e.Name())
		st, err := os.Stat(path)
		if err != nil { // a link that leads nowhere by now
			st, err = os.Lstat(path)
		}
		switch {
		case err != nil || isWrittenAnyway(e.Name()):
		case st.IsDir():
			folders = append(folders, path)
		case st.Mode().IsRegular() || st.Mode()&os.ModeSymlink != 0:
			known[path] = stamp{st.ModTime(), st.Size()}
		}
	}
	return folders
}

// isWrittenAnyway reports whether a file or folder is one that programs beside the app write to:
// logs, pids and data of a database, and whatever git and npm keep.
func isWrittenAnyway(name string) bool {
	switch filepath.Ext(name) {
	case ".log", ".pid", ".lock", ".sock", ".db", ".sqlite", ".sqlite3", ".tmp", ".swp":
		return true
	}
	return name == "logs" || name == "log" || name == "tmp" || name == "node_modules" || name == ".git" || strings.HasPrefix(name, ".pm2") || strings.HasSuffix(name, "~") || strings.Contains(name, ".log.")
}
