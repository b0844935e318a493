package lint

import (
	"path/filepath"
	"strings"
)

func p004() Rule {
	return Rule{
		ID: "P004", Severity: Error,
		Title:  "logs in a directory that is watched",
		Why:    "Each line that the app prints changes a file below what PM2 watches, and PM2 restarts the app, which prints: 11 restarts in 10 s.",
		Fix:    "ignore_watch: [\"logs\"], or logs outside the app; better, watch: false.",
		Source: "lib/Watcher.js:38",
		Apps: func(a App) []Finding {
			if !a.isWatched() {
				return nil
			}
			for _, key := range []string{"out_file", "error_file", "log_file"} {
				file := a.getText(key)
				if file == "" || file == "NULL" || file == "/dev/null" || !a.isWatching(file) {
					continue
				}
				return listOne(a.report(key, "%s is below what is watched: each line restarts the app.", file))
			}
			return nil
		},
	}
}

// isWatching reports whether a change of the file restarts the app.
func (a App) isWatching(file string) bool {
	full := joinPath(a.Plan.Cwd, file)
	roots := a.listTexts("watch")
	if len(roots) == 0 {
		roots = []string{"."}
	}
	for _, ignored := range a.listTexts("ignore_watch") {
		if name := strings.Trim(ignored, "./*"); name != "" && strings.Contains(full, name) {
			return false
		}
	}
	for _, r := range roots {
		if rel, err := filepath.Rel(joinPath(a.Plan.Cwd, r), full); err == nil && !strings.HasPrefix(rel, "..") {
			// What begins with a dot is ignored where nothing is said (Watcher.js:44).
			return a.has("ignore_watch") || !strings.HasPrefix(filepath.Base(full), ".") && !strings.Contains(rel, "node_modules")
		}
	}
	return false
}
